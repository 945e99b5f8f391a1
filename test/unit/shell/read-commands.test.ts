import { describe, expect, it } from 'vitest';
import { readCommands } from '../../../src/shell/read-commands.ts';
import type { ShellCommand } from '../../../src/shell/types.ts';

const ENV = new Map([['HOME', '/root']]);

/** What runs a program: settings are commands too, but for these tests they only stand in the way. */
function programs(script: string): readonly ShellCommand[] {
  return readCommands(script, { env: ENV }).commands.filter(({ isSetting, argv }) => !isSetting || argv[0] === 'cd');
}

function commands(script: string): readonly string[] {
  return programs(script).map(({ text }) => text);
}

describe('readCommands', () => {
  it.each([
    ['go build && go test; go vet | tee x & wait', ['go build', 'go test', 'go vet', 'tee x', 'wait']],
    ['if [ -f go.mod ]; then go build; else make; fi', ['[ -f go.mod ]', 'go build', 'make']],
    ['for os in a b; do GOOS=$os go build; done', ['go build']],
    ['( cd x && go build ) # go test', ['cd x', 'go build']],
    [
      'go build -ldflags "-X main.v=$(git describe)" .',
      ['git describe', 'go build -ldflags "-X main.v=$(git describe)" .'],
    ],
    ['go build > /dev/null 2>&1 < in', ['go build']],
    ["sh -ec 'go build; go test'", ['go build', 'go test']],
    ['time env -u X A=1 nice -n go build', ['go build']],
    ['timeout 10m go test', ['go test']],
    ['echo "go build; go test"', ['echo "go build; go test"']],
    ['cat <<EOF > x\ngo build\nEOF\ngo test', ['cat', 'go test']],
    ['go \\\n  build \\\n  .', ['go build .']],
  ])('reads %j', (script, expected) => {
    expect(commands(script)).toEqual(expected);
  });

  it('follows variables', () => {
    const script =
      'export GOCACHE=$HOME/a; X=/b\nGOMODCACHE=$X/mod go build; go env -w GOPROXY=off && go test; unset GOCACHE; go vet; GOCACHE=$(pwd) go list';
    const [build, test, vet, list] = programs(script).filter(({ argv }) => argv[0] === 'go');
    expect([build?.env.get('GOCACHE'), build?.env.get('GOMODCACHE')]).toEqual(['/root/a', '/b/mod']);
    expect([test?.env.get('GOMODCACHE'), test?.goEnv.get('GOPROXY')]).toEqual([undefined, 'off']);
    expect(vet?.env.has('GOCACHE')).toBe(false);
    expect(list?.env.has('GOCACHE')).toBe(false);
  });

  it('survives what is no shell', () => {
    for (const script of ['"', "'", '`', '$(', '${', '<<', '>', '))', '\\', '$(('.repeat(50), '`'.repeat(99)])
      commands(script);
  });
});

describe('what a command stands in', () => {
  it.each([
    ['a', [], true],
    ['x && a', [], true],
    ['x || a', ['or'], false],
    ['[ -f y ] && a', ['after-test'], false],
    ['[ -f y ] || x; a', [], true],
    ['[ -f y ] || x && a', [], true],
    ['! x && a', ['after-test'], false],
    ['command -v y && a', ['after-test'], false],
    ['(a)', ['subshell'], true],
    ['{ a; }', ['group'], true],
    ['if a; then x; fi', ['condition'], true],
    ['if x; then a; fi', ['branch'], false],
    ['if x; then y; else a; fi', ['branch'], false],
    ['for i in 1 2; do a; done', ['loop'], true],
    ['for i in $X; do a; done', ['loop'], false],
    ['while a; do x; done', ['condition'], true],
    ['while x; do a; done', ['loop'], false],
    ['while true; do a; done', ['loop'], true],
    ['until a; do sleep 1; done', ['condition'], true],
    ['case $X in y) a ;; esac', ['case'], false],
    ['x | a', ['pipeline'], true],
    ['a &', ['background'], true],
    ['echo $(a)', ['substitution'], true],
    ['echo "$(a)"', ['substitution'], true],
    ['X=$(a)', ['substitution'], true],
    ['x > "$(a)"', ['substitution'], true],
    ['diff <(a) y', ['substitution'], true],
    ['f() { a; }; f', ['function', 'group'], true],
    ["sh -c 'a'", ['inner-script'], true],
    ['eval a', ['inner-script'], true],
    ['find . -exec a {} +', ['loop'], false],
  ])('of `%s`', (script, blocks, isAlwaysRun) => {
    const command = programs(script).find(({ argv }) => argv[0] === 'a');
    expect({ blocks: command?.blocks, isAlwaysRun: command?.isAlwaysRun }).toEqual({ blocks, isAlwaysRun });
  });

  it('leaves functions out that nobody calls, and reads others once', () => {
    expect(commands('f() { a; }; g() { b; }; g; g')).toEqual(['b']);
  });

  it('sees what a function is given to run', () => {
    expect(commands('retry() { "$@" || "$@"; }; retry 3 go mod download')).toContain('go mod download');
  });
});

describe('what is looked through', () => {
  it.each([
    ['exec go build', 'go build'],
    ['exec -a x go build', 'go build'],
    ['env -i A=1 B=2 go build', 'go build'],
    ['env -C dir -- go build', 'go build'],
    ['nice -n 10 go build', 'go build'],
    ['nice -10 go build', 'go build'],
    ['ionice -c 3 go build', 'go build'],
    ['timeout -k 5 -s KILL 10m go build', 'go build'],
    ['sudo -u app -E A=1 go build', 'go build'],
    ['gosu app go build', 'go build'],
    ['su-exec app:app go build', 'go build'],
    ['su app -c "go build"', 'go build'],
    ['su -c "go build" app', 'go build'],
    ['busybox sh -c "go build"', 'go build'],
    ['time -p go build', 'go build'],
    ['command go build', 'go build'],
    ['xargs -n 1 -P 4 go build', 'go build'],
    ['retry -t 5 go build', 'go build'],
    ['retry 5 go build', 'go build'],
    ['/scripts/retry.sh 5 10 -- go build', 'go build'],
    ['doppler run -- go build', 'go build'],
    ['eval go build', 'go build'],
    ['sh -c "go build -o $OUT"', 'go build -o $OUT'],
    ['eval "go build $FLAGS"', 'go build $FLAGS'],
    ['eval "$CMD"', 'eval "$CMD"'],
    ['eval "go build"', 'go build'],
    ['sh -euc "go build"', 'go build'],
    ['sh <<EOF\ngo build\nEOF', 'go build'],
    ["/bin/bash -o pipefail -c 'go build'", 'go build'],
  ])('`%s` runs `%s`', (script, inner) => {
    expect(commands(script)).toEqual([inner]);
  });

  it.each([
    'command -v go',
    '/usr/bin/git checkout -- go',
    'env',
    'exec',
    'sudo',
    'npm run x -- go',
    'go run ./x -- go',
    'sh build.sh',
    'xargs',
  ])('leaves `%s` as it is', (script) => {
    expect(commands(script)).toEqual([script]);
  });

  it('names what it looked through', () => {
    expect(programs('time env A=1 sh -c "nice go build"')[0]?.wrappers).toEqual(['time', 'env', 'sh', 'nice']);
  });

  it('knows when words are missing', () => {
    const hasMore = (script: string): boolean | undefined => programs(script).at(-1)?.hasMoreWords;
    expect([hasMore('xargs go test'), hasMore('go test "$@"'), hasMore('go test "${A[@]}"')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([hasMore('go test'), hasMore('go test "$A"')]).toEqual([false, false]);
  });
});

describe('values', () => {
  const last = (script: string): ShellCommand | undefined =>
    readCommands(script, { env: ENV, cwd: '/src' }).commands.at(-1);

  it.each([
    ['cd a && x', '/src/a'],
    ['cd a; cd ../b; x', '/src/b'],
    ['cd /abs/ && x', '/abs'],
    ['cd && x', '/root'],
    ['cd -P a && x', '/src/a'],
    ['(cd a); x', '/src'],
    ['cd $U && x', undefined],
    ['cd - && x', undefined],
    ['if y; then cd a; fi; x', undefined],
    ['cd a || exit 1; x', '/src/a'],
    ['x || cd a; y', undefined],
    ['pushd a && x', '/src/a'],
    ['cd a | y; x', '/src'],
    ['cd "$HOME/b" && x', '/root/b'],
    ['sh -c "cd a; x"', '/src/a'],
  ])('`%s` runs in %s', (script, cwd) => {
    expect(last(script)?.cwd).toBe(cwd);
  });

  it.each([
    ['echo "$HOME/x" ~', ['echo', '/root/x', '~']],
    ['A=1; echo $A ${A}b "$A c"', ['echo', '1', '1b', '1 c']],
    ['A="x  y"; echo $A "$A" z$A', ['echo', 'x', 'y', 'x  y', 'zx', 'y']],
    ['A=; echo $A b "$A"', ['echo', 'b', '']],
    ['echo ${U:-d} ${U-d} ${HOME:+set} ${HOME:-d}', ['echo', 'd', 'd', 'set', '/root']],
    ['F=a/b.tar.gz; echo ${F##*/} ${F#*/} ${F%.*} ${F%%.*}', ['echo', 'b.tar.gz', 'b.tar.gz', 'a/b.tar', 'a/b']],
    ['echo $U "$U" ${U%x} $((1+1))', ['echo', '$U', '"$U"', '${U%x}', '$((1+1))']],
    ['echo \'a b\' a\\ b "c"d', ['echo', 'a b', 'a b', 'cd']],
    ['echo $PWD', ['echo', '/src']],
    ['echo *.go {a,b}', ['echo', '*.go', '{a,b}']],
  ])('`%s` has the words %j', (script, argv) => {
    expect(last(script)?.argv).toEqual(argv);
  });

  it('does not know what may or may not have been set', () => {
    const script = 'A=1; B=1; C=1; if x; then A=2; fi; [ y ] && B=2; for i in $U; do C=2; done; D=$(x); z';
    const command = last(script);
    expect([...(command?.unknown ?? [])].toSorted()).toEqual(['A', 'B', 'C', 'D', 'i']);
    expect(['A', 'B', 'C', 'D'].map((name) => command?.env.has(name))).toEqual([false, false, false, false]);
  });

  it('knows what is the same in every branch', () => {
    expect(last('if x; then A=2; else A=2; fi; z')?.env.get('A')).toBe('2');
    expect(last('case $U in a) A=1 ;; *) A=1 ;; esac; z')?.env.get('A')).toBe('1');
  });

  it('appends to what is known', () => {
    expect(last('A=1; A+=2; z')?.env.get('A')).toBe('12');
    expect(last('export A=1 B; A+=$(x); z')?.unknown.has('A')).toBe(true);
  });

  it('keeps what `env` and `unset` take away', () => {
    expect(last('A=1; env -u A z')?.env.has('A')).toBe(false);
    expect([...(last('env -i B=1 z')?.env ?? [])]).toEqual([['B', '1']]);
  });
});
