import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { planMakeRun } from '../../../../src/golang/makefile/plan-make-run.ts';
import type { MakeRun, MakeRunOptions } from '../../../../src/golang/makefile/types.ts';

function run(files: string | Readonly<Record<string, string>>, options: Partial<MakeRunOptions> = {}): MakeRun {
  const tree = fileTreeOf(typeof files === 'string' ? { Makefile: files } : files);
  return planMakeRun(tree, { directory: '', targets: [], variables: new Map(), environment: new Map(), ...options });
}

function texts({ commands }: MakeRun): readonly string[] {
  return commands.map(({ argv }) => argv.join(' '));
}

describe('planMakeRun', () => {
  it('gives each command its place in the Makefile', () => {
    const makefile = 'FLAGS = -trimpath\nbuild:\n\t@echo hi && \\\n\t  CGO_ENABLED=0 go build $(FLAGS) -o app .\n';
    const [, build] = run(makefile).commands;
    expect(build?.argv).toEqual(['go', 'build', '-trimpath', '-o', 'app', '.']);
    expect(makefile.slice(build?.range.start, build?.range.end)).toBe('CGO_ENABLED=0 go build $(FLAGS) -o app .');
    expect(build?.words.map(({ range }) => makefile.slice(range.start, range.end))).toEqual([
      'go',
      'build',
      '$(FLAGS)',
      '-o',
      'app',
      '.',
    ]);
    expect(build?.words.map(({ isExact }) => isExact)).toEqual([true, true, false, true, true, true]);
    expect(build).toMatchObject({ file: 'Makefile', target: 'build', via: ['build'], isAlwaysRun: true });
  });

  it('knows the way from the goal to the command', () => {
    const makefile = 'all: linux\nlinux: deps\n\tgo build\ndeps:\n\tgo mod download\n';
    expect(run(makefile).commands.map(({ via }) => via)).toEqual([
      ['all', 'linux', 'deps'],
      ['all', 'linux'],
    ]);
  });

  it('gives commands the environment that make would', () => {
    const makefile = 'export A = $(B)\nB = two\nC = own\nunexport D\nx: export E = e\nx:\n\tF=f go build\n\techo $$A\n';
    const environment = new Map([
      ['C', 'outer'],
      ['D', 'outer'],
      ['K', 'kept'],
    ]);
    const [build, echo] = run(makefile, { environment, variables: new Map([['V', '1']]) }).commands;
    expect(Object.fromEntries(build?.env ?? [])).toEqual({ A: 'two', C: 'own', E: 'e', F: 'f', K: 'kept', V: '1' });
    expect(echo?.argv).toEqual(['echo', 'two']);
  });

  it('exports what nobody can know as unknown', () => {
    const [build] = run('export V := $(shell git describe)\nx:\n\tgo build\n', {
      environment: new Map([['V', 'old']]),
    }).commands;
    expect([build?.env.has('V'), build?.unknown.has('V')]).toEqual([false, true]);
  });

  it('starts commands where make runs', () => {
    const files = { 'sub/Makefile': 'x:\n\tcd cmd && go build\n\tgo vet\n' };
    const { commands } = run(files, { directory: 'sub', root: '/src' });
    expect(commands.map(({ cwd }) => cwd)).toEqual(['/src/sub', '/src/sub/cmd', '/src/sub']);
  });

  it('follows make into other directories, with what is on the command line', () => {
    const files = {
      Makefile: 'all:\n\t$(MAKE) -C tools linux GOOS=linux\n',
      'tools/Makefile': 'linux:\n\tgo build -o $(OUT)/$(GOOS)\n',
    };
    const made = run(files, { variables: new Map([['OUT', 'bin']]), root: '/src' });
    expect(texts(made)).toEqual(['go build -o bin/linux']);
    expect(made.commands[0]).toMatchObject({ file: 'tools/Makefile', via: ['all', 'linux'], cwd: '/src/tools' });
    expect(made.notFollowed).toEqual([]);
  });

  it.each([
    ['a shell call', 'V := $(shell git describe)\nx:\n\techo $(V)\n', 1, '`$(shell git describe)`'],
    ['an eval', '$(eval A = 1)\nx:\n\techo\n', 1, '`$(eval A = 1)`'],
    ['a shell assignment', 'V != date\nx:\n\techo\n', 1, '`V != date`'],
    ['a condition', 'ifeq ($(shell uname),Darwin)\nendif\nx:\n\techo\n', 1, '`$(shell uname)`'],
    ['an unknown target', 'x:\n\techo\ny$(shell date):\n\techo\n', 3, '`$(shell date)`'],
    ['a missing include', 'include none.mk\nx:\n\techo\n', 1, "the included file `none.mk`, which isn't there"],
    ['a missing rule', 'x: y\n\techo\n', 1, 'the target `y`, which has no rule'],
    ['a circle of targets', 'x: y\ny: x\n', 2, 'the prerequisite `x`, which needs itself'],
    ['a variable in a circle', 'A = $(B)\nB = $(A)\nx:\n\techo $(A)\n', 4, 'the variable `A`, which refers to itself'],
    ['another task runner', 'x:\n\ttask build\n', 2, '`task build`'],
    ['make into the unknown', 'x:\n\t$(MAKE) -C $(DIR)/$$D\n', 2, '`make -C /$D`'],
    ['make without end', 'x:\n\t$(MAKE) x\n', 2, '`make x`'],
    ['an error', '$(error no)\nx:\n\techo\n', 1, 'make stops with `$(error no)`'],
    ['an open conditional', 'x:\n\techo\nifdef A\n', 3, 'an `ifeq` without its `endif`'],
    ['no target at all', 'A = 1\n', 1, 'a Makefile without targets'],
    ['another shell', 'SHELL = /usr/bin/python3\nx:\n\tprint(1)\n', 3, 'a recipe for `SHELL = /usr/bin/python3`'],
  ])('says that it did not follow %s', (_, makefile, line, what) => {
    expect(run(makefile).notFollowed).toContainEqual({ file: 'Makefile', line, what });
  });

  it('says so where there is no Makefile', () => {
    expect(run({ 'a.go': '' }).notFollowed).toEqual([
      { file: 'Makefile', line: 1, what: 'a directory without a Makefile' },
    ]);
  });

  it('leaves what is not known in a recipe to the shell', () => {
    const [build] = run('V = $(shell git describe)\nx:\n\tgo build -ldflags "-X main.v=$(V)" .\n').commands;
    expect(build?.words.map(({ value }) => value)).toEqual(['go', 'build', '-ldflags', undefined, '.']);
  });

  it('takes an unknown value for one that is not empty and that nobody compares with', () => {
    const made = run(
      'V = $(shell x)\nifeq ($(V),)\nA = empty\nelse\nA = other\nendif\nx:\n\techo $(A) $(if $(V),1,2)\n',
    );
    expect(texts(made)).toEqual(['echo other 1']);
  });

  it('runs for sure what has no file, and only maybe what is there and has prerequisites', () => {
    const files = {
      Makefile: 'all: new old\nnew: main.go\n\techo new\nold: main.go\n\techo old\n',
      'main.go': '',
      old: '',
    };
    expect(run(files).commands.map(({ argv, isAlwaysRun }) => [argv[1], isAlwaysRun])).toEqual([
      ['new', true],
      ['old', false],
    ]);
  });

  it('refuses Makefiles that include each other, with the line', () => {
    const files = { Makefile: 'A = 1\ninclude a.mk\n', 'a.mk': '\ninclude b.mk\n', 'b.mk': '# x\n\ninclude a.mk\n' };
    expect(() => run(files)).toThrowError(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        exitCode: 2,
        location: 'b.mk:3',
        message: 'b.mk:3: `a.mk` includes itself in a circle',
        hint: 'Take one include out of: a.mk -> b.mk -> a.mk.',
      }),
    );
  });

  it('allows the same file to be included twice', () => {
    expect(texts(run({ Makefile: 'include a.mk\ninclude a.mk\nx:\n\techo $(A)\n', 'a.mk': 'A += 1\n' }))).toEqual([
      'echo 1 1',
    ]);
  });

  it('gives up on a Makefile that grows without end', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `V${index + 1} = $(V${index})$(V${index})`);
    const made = run(`V0 = x\n${lines.join('\n')}\nx:\n\techo $(V40)\n`);
    expect(made.notFollowed.map(({ what }) => what)).toEqual(['the rest of a Makefile that is too large to expand']);
  });

  it('finds the Makefile that make would take', () => {
    const files = { GNUmakefile: 'x:\n\techo gnu\n', Makefile: 'x:\n\techo plain\n', 'other.mk': 'x:\n\techo other\n' };
    expect(texts(run(files))).toEqual(['echo gnu']);
    expect(texts(run(files, { file: 'other.mk' }))).toEqual(['echo other']);
  });
});
