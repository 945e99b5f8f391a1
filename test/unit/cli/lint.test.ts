import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lintSchema } from '../../../scripts/lint-schema.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { dedent } from '../../helpers/lint-rule.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-lint-'));
  mkdirSync(join(root, '.git'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const BAD = dedent(`
  FROM golang:1.26 AS build
  WORKDIR /src
  COPY go.mod go.sum ./
  RUN go mod download
  COPY . .
  # the program
  RUN --mount=type=cache,target=/root/.cache go build -a -o /app .

  FROM scratch
  COPY --from=build /app /app
`);
const GOOD = BAD.replace(' -a', '');
/** Only these, so that new rules don't change the tests. */
const ONLY = ['--rule', 'forced-rebuild-flag=high'];

function write(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

async function lint(
  words: readonly string[],
  options: { stdin?: string; cwd?: string; env?: Record<string, string> } = {},
) {
  let stdout = '';
  let stderr = '';
  const code = await runCli(['lint', ...words], {
    env: { HOME: root, ...options.env },
    cwd: join(root, options.cwd ?? ''),
    stdin: Readable.from([options.stdin ?? '']),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal: new AbortController().signal,
    loadParts: () => Promise.reject(new Error('lint needs no parts')),
  });
  return { code, stdout, stderr };
}

/** `file:line rule` of each finding of the rule at hand. */
function places(json: string): readonly string[] {
  const { findings } = lintSchema.parse(JSON.parse(json));
  return findings
    .filter(({ ruleId }) => ruleId === 'forced-rebuild-flag')
    .map(({ file, line, ruleId }) => `${file}:${line} ${ruleId}`);
}

describe('slipway lint', () => {
  it('prints findings with their line, why, cost and fix, and exits 1', async () => {
    write('Dockerfile', BAD);
    const { code, stdout, stderr } = await lint([]);
    expect(stdout).toContain(
      [
        'Dockerfile:7:53 high forced-rebuild-flag',
        '  7 | RUN --mount=type=cache,target=/root/.cache go build -a -o /app .',
        '    |                                                     ^^',
        '  why:  `-a` of `go build` makes Go compile every package again, the standard library too, and the cache is only written',
        '  cost: a full compile in every build, however warm the cache is',
        '  fix:  Remove `-a` (safe)',
        '    - RUN --mount=type=cache,target=/root/.cache go build -a -o /app .',
        '    + RUN --mount=type=cache,target=/root/.cache go build -o /app .',
      ].join('\n'),
    );
    expect(stdout).toMatch(/; `slipway lint --fix` mends \d+\n$/);
    expect([code, stderr]).toEqual([1, '']);
  });

  it('finds Dockerfiles of any name, but not those of others', async () => {
    for (const path of [
      'Dockerfile',
      'Dockerfile.api',
      'build/web.Dockerfile',
      'Containerfile',
      'vendor/x/Dockerfile',
      'testdata/Dockerfile',
      'node_modules/x/Dockerfile',
      'Dockerfile.dockerignore',
      'Dockerfile.md',
      'dockerfile-names.ts',
      'Dockerfile_test.go',
    ]) {
      write(path, BAD);
    }
    const { stdout } = await lint(['--format', 'json']);
    expect(places(stdout).map((place) => place.split(':')[0])).toEqual([
      'Containerfile',
      'Dockerfile',
      'Dockerfile.api',
      'build/web.Dockerfile',
    ]);
    const inside = await lint(['--format', 'json', 'testdata'], {});
    expect(inside.code).toBe(2);
    expect(places((await lint(['--format', 'json', 'testdata/Dockerfile'])).stdout)).toHaveLength(1);
    expect(places((await lint(['--format', 'json', 'web.Dockerfile'], { cwd: 'build' })).stdout)).toEqual([
      'build/web.Dockerfile:7 forced-rebuild-flag',
    ]);
  });

  it('exits by the threshold', async () => {
    write('Dockerfile', BAD);
    const only = ['--rule', 'forced-rebuild-flag=low', '--failure-threshold'];
    expect((await lint([...only, 'low'])).code).toBe(1);
    expect((await lint(['--failure-threshold', 'none'])).code).toBe(0);
    expect((await lint(['--failure-threshold', 'often'])).code).toBe(2);
  });

  it('takes the configuration of the repository', async () => {
    write('Dockerfile', BAD);
    write('old/Dockerfile', BAD);
    write(
      '.slipway.yaml',
      'lint:\n  rules:\n    forced-rebuild-flag: low\n  ignore: [old]\n  failure-threshold: none\n',
    );
    const { code, stdout } = await lint(['--format', 'json']);
    expect(code).toBe(0);
    expect(places(stdout)).toEqual(['Dockerfile:7 forced-rebuild-flag']);
    write('.slipway.yaml', 'lint:\n  rules:\n    forced-rebuild-flag: off\n');
    expect(places((await lint(['--format', 'json'])).stdout)).toEqual([]);
    expect(places((await lint(['--format', 'json', ...ONLY])).stdout)).toHaveLength(2);
  });

  it.each([
    [
      'lint:\n  rules:\n    forced-rebuild-flg: off\n',
      ':3: no rule is called `forced-rebuild-flg`',
      'forced-rebuild-flag',
    ],
    [
      'lint:\n  rules:\n    forced-rebuild-flag: sometimes\n',
      ':3: the value of `lint.rules.forced-rebuild-flag` is wrong',
      'off',
    ],
    ['lint:\n  ruls: {}\n', ':2: unknown option `lint.ruls`', 'rules'],
    ['lint:\n  failure-threshold: x\n', ':2: the value of `lint.failure-threshold` is wrong', 'medium'],
  ])('names file and line of a wrong setting: %j', async (text, message, hint) => {
    write('Dockerfile', BAD);
    write('.slipway.yaml', text);
    const { code, stderr, stdout } = await lint([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`.slipway.yaml${message}`);
    expect(stderr).toContain(hint);
  });

  it('lists and explains rules', async () => {
    const { code, stdout } = await lint(['--list-rules']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^forced-rebuild-flag +high +safe fix +cache +\S/m);
    expect((await lint(['--explain', 'forced-rebuild-flag'])).stdout).toMatch(/^# forced-rebuild-flag\n/);
    const unknown = await lint(['--explain', 'forced-rebuild']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Did you mean `forced-rebuild-flag`?');
  });
});

describe('fixes', () => {
  const rest = ['--rule', 'forced-rebuild-flag=high'];

  it('are written with every other byte, the mode and the link kept', async () => {
    const windows = `\ufeff${BAD.replaceAll('\n', '\r\n')}`;
    write('real/Dockerfile', windows);
    chmodSync(join(root, 'real/Dockerfile'), 0o640);
    symlinkSync('real/Dockerfile', join(root, 'Dockerfile'));
    const { stdout } = await lint(['--fix', '--format', 'json', 'Dockerfile', ...rest]);
    expect(lintSchema.parse(JSON.parse(stdout)).fixed).toContainEqual({
      ruleId: 'forced-rebuild-flag',
      file: 'real/Dockerfile',
    });
    expect(read('real/Dockerfile')).toContain('\r\n# the program\r\n');
    expect(read('real/Dockerfile')).not.toContain(' -a ');
    expect(read('real/Dockerfile').replaceAll('\r\n', '')).not.toContain('\n');
    expect(read('real/Dockerfile').startsWith('\ufeff')).toBe(true);
    expect(statSync(join(root, 'real/Dockerfile')).mode & 0o777).toBe(0o640);
    expect((await lint(['--fix', 'Dockerfile'])).stdout).not.toContain('fixed');
  });

  it('are printed as a patch that git takes, and nothing is written', async () => {
    write('Dockerfile', BAD);
    const { code, stdout } = await lint(['--diff']);
    expect(code).toBeLessThan(2);
    expect(read('Dockerfile')).toBe(BAD);
    execFileSync('git', ['apply', '-p1', '-'], {
      cwd: root,
      input: stdout,
      env: { ...process.env, GIT_DIR: '/nowhere' },
    });
    expect(read('Dockerfile')).not.toContain(' -a ');
  });

  it('of standard input go to standard output', async () => {
    const { code, stdout, stderr } = await lint(['--fix', '--stdin', 'Dockerfile'], { stdin: BAD });
    expect(stdout).not.toContain(' -a ');
    expect(stdout).toContain('# the program\n');
    expect(stderr).toContain('fixed');
    expect(code).toBeLessThan(2);
    expect(existsSync(join(root, 'Dockerfile'))).toBe(false);
  });

  it('are not made in generated files', async () => {
    const text = `# Code generated by make-dockerfiles. DO NOT EDIT.\n${BAD}`;
    write('Dockerfile', text);
    expect((await lint(['--fix'])).stdout).toContain('generated by `make-dockerfiles`: mend it there');
    expect(read('Dockerfile')).toBe(text);
  });

  it('need --fix or --diff', async () => {
    write('Dockerfile', BAD);
    expect((await lint(['--unsafe-fixes'])).code).toBe(2);
    expect((await lint(['--fix', '--diff'])).code).toBe(2);
    expect(read('Dockerfile')).toBe(BAD);
  });
});

describe('bad input', () => {
  it.each([
    ['binary', Buffer.from([0x46, 0x00, 0x01]), 'Dockerfile:1: the file is no text'],
    ['not UTF-8', Buffer.from([0x23, 0xe9, 0x0a]), 'Dockerfile:1: the file is not UTF-8'],
    ['empty', '', 'Dockerfile:1: the file has no instructions'],
    ['no Dockerfile', 'package main\n\nfunc main() {}\n', 'Dockerfile:1: '],
    ['an unknown instruction', 'FROM golang:1.26\nRUM go build\n', 'Dockerfile:2: '],
    ['100 MiB', Buffer.alloc(100 << 20, 'RUN x\n'), 'Dockerfile:1: the file is larger than 1 MiB'],
    ['a stage that needs itself', 'FROM a AS x\nCOPY --from=x /a /b\n', 'Dockerfile:2: '],
  ])('%s: one error with file and line, exit 2, and nothing is written', async (_, content, message) => {
    write('Dockerfile', content);
    write('good/Dockerfile', BAD);
    const { code, stdout, stderr } = await lint(['--fix', '--format', 'json']);
    expect(code).toBe(2);
    expect(stderr).toContain(`slipway: error: ${message}`);
    expect(stderr).toContain('[DOCKERFILE_INVALID]');
    expect(places(stdout)).toEqual(['good/Dockerfile:7 forced-rebuild-flag']);
    expect(read('good/Dockerfile')).toBe(BAD);
  });

  it.each([
    [['missing'], "`missing` isn't there"],
    [['--format', 'xml'], "`--format` can't be `xml`"],
    [['--rule', 'x'], '`--rule x` is no setting of a rule'],
    [['--rule', 'forced-rebuild=off'], 'no rule is called `forced-rebuild`'],
    [['--target', 'x'], 'has no stage `x`'],
    [['--stdin', 'Dockerfile', 'x'], '`--stdin` takes one file'],
  ])('%j', async (words, message) => {
    write('Dockerfile', GOOD);
    const { code, stderr } = await lint(words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('a file that may not be read', async () => {
    write('Dockerfile', BAD);
    chmodSync(join(root, 'Dockerfile'), 0);
    const { code, stderr } = await lint([]);
    // root reads everything.
    if (process.getuid?.() === 0) return;
    expect(code).toBe(2);
    expect(stderr).toContain("Dockerfile:1: the file can't be read");
  });

  it('Makefiles that include each other', async () => {
    write('Dockerfile', 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN make app\n');
    write('Makefile', 'include a.mk\napp:\n\tgo build .\n');
    write('a.mk', 'include Makefile\n');
    const { code, stderr } = await lint([]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/(?:Makefile|a\.mk):1/);
  });

  it('a workflow that is no YAML: a warning beside the findings, an error when it was asked for', async () => {
    write('Dockerfile', BAD);
    write('.github/workflows/a.yml', 'on: push\njobs: [\n');
    const all = await lint(['--format', 'json']);
    expect(all.code).toBe(1);
    expect(all.stderr).toMatch(/^slipway: warning: \.github\/workflows\/a\.yml:\d+: .*; the file is not looked at\n$/);
    const named = await lint(['.github/workflows/a.yml']);
    expect(named.code).toBe(2);
    expect(named.stderr).toContain('[INPUT_INVALID]');
  });

  it('a Dockerfile in the language of another frontend is left alone, with a warning', async () => {
    write('Dockerfile', '# syntax=docker.io/someone/else:1\nBUILD {\n');
    const { code, stderr } = await lint([]);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'slipway: warning: Dockerfile:1: its frontend is not docker/dockerfile; the file is not looked at\n',
    );
  });

  it('a directory without anything to lint', async () => {
    write('main.go', 'package main\n');
    const { code, stderr } = await lint([]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no Dockerfile in `.`');
  });
});
