import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { classifyGoCommand } from '../../../../src/dockerfile/go-commands.ts';
import { flagsOf } from '../../../../src/dockerfile/go-command/flag-table.ts';
import { findGoFlag, isSwitchedOn, readGoCommand } from '../../../../src/dockerfile/go-command/read-go-command.ts';
import type { GoCommandLine } from '../../../../src/dockerfile/go-command/types.ts';
import { readCommands } from '../../../../src/shell/read-commands.ts';

function read(script: string): GoCommandLine {
  const command = readCommands(script, { cwd: '/src' }).commands.findLast(({ isSetting }) => !isSetting);
  const line = command && readGoCommand(command);
  if (line === undefined) throw new Error(`no go command in: ${script}`);
  return line;
}

function flags(script: string): readonly string[] {
  return read(script).flags.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
}

function packages(script: string): readonly string[] {
  return read(script).packages.map(({ text }) => text);
}

describe('readGoCommand', () => {
  it.each([
    ['go build -o app -a ./...', ['o=app', 'a'], ['./...']],
    [
      'go build -o=app --trimpath -tags "netgo osusergo" -v .',
      ['o=app', 'trimpath', 'tags=netgo osusergo', 'v'],
      ['.'],
    ],
    ['go build -ldflags "-a -s" ./cmd/app', ['ldflags=-a -s'], ['./cmd/app']],
    ['go build -p 4 -mod vendor -modfile x.mod a b', ['p=4', 'mod=vendor', 'modfile=x.mod'], ['a', 'b']],
    ['go build -buildvcs=false -race .', ['buildvcs=false', 'race'], ['.']],
    ['go build -buildvcs .', ['buildvcs'], ['.']],
    ['go build ./a -a', [], ['./a', '-a']],
    ['go build -- -a', [], ['-a']],
    ['go test -run X ./... -count 1 -race', ['run=X', 'count=1', 'race'], ['./...']],
    ['go test ./... -v -args -a', ['v'], ['./...']],
    ['go vet -vettool x ./...', ['vettool=x'], ['./...']],
    ['go install example.org/m@latest', [], ['example.org/m@latest']],
    ['go mod download -x all', ['x'], ['all']],
    ['go clean -cache -modcache', ['cache', 'modcache'], []],
    ['go list -m -f {{.Dir}} all', ['m', 'f={{.Dir}}'], ['all']],
    ['go run -race a.go b.go -a', ['race'], ['a.go', 'b.go']],
    ['go run ./build/ci.go install -a', [], ['./build/ci.go']],
    ['go run ./cmd/x -a', [], ['./cmd/x']],
    ['go tool -n mockgen -a', ['n'], ['mockgen']],
    ['garble -tiny build -a .', ['tiny', 'a'], ['build', '.']],
  ])('reads the flags and packages of `%s`', (script, expectedFlags, expectedPackages) => {
    expect(flags(script)).toEqual(expectedFlags);
    expect(packages(script)).toEqual(expectedPackages);
  });

  it('keeps the words of a flag, so that it can be edited', () => {
    const script = 'go build -o app -a .';
    const [out, all] = read(script).flags;
    expect(out?.words.map(({ range }) => script.slice(range.start, range.end))).toEqual(['-o', 'app']);
    expect(all?.words.map(({ range }) => script.slice(range.start, range.end))).toEqual(['-a']);
  });

  it('adds the flags of GOFLAGS that the subcommand knows', () => {
    expect(flags(`export GOFLAGS="-a -mod=mod '-ldflags=-s -w'"; go build`)).toEqual(['a', 'mod=mod', 'ldflags=-s -w']);
    expect(flags('GOFLAGS=-a go mod download')).toEqual([]);
    expect(flags('go env -w GOFLAGS=-trimpath; go build')).toEqual(['trimpath']);
    expect(read('GOFLAGS=-a go build').flags[0]).toMatchObject({ words: [], isFromGoFlags: true });
  });

  it('takes what is written before what GOFLAGS says', () => {
    const line = read('GOFLAGS=-mod=mod go build -mod=vendor -a=false -trimpath -mod=readonly');
    expect(findGoFlag(line, 'mod')?.value).toBe('readonly');
    expect([isSwitchedOn(line, 'a'), isSwitchedOn(line, 'trimpath'), isSwitchedOn(line, 'race')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it.each([
    ['go build', '/src'],
    ['cd cmd && go build', '/src/cmd'],
    ['cd $UNKNOWN && go build', undefined],
    ['go -C cmd build', '/src/cmd'],
    ['go -C=cmd build', '/src/cmd'],
    ['go build -C ../other .', '/other'],
    ['go build -C /x .', '/x'],
    ['go build -C $UNKNOWN .', undefined],
  ])('works out where `%s` works', (script, directory) => {
    expect(read(script).directory).toBe(directory);
  });

  it.each([
    ['go build -ldflags "-X main.v=$V" .', true],
    ['go build $FLAGS .', false],
    ['go build "$@"', false],
    ['echo x | xargs go test', false],
    ['GOFLAGS=$(cat f) go build', false],
    ['FLAGS=-a; go build $FLAGS .', true],
  ])('says whether all of `%s` is known', (script, isComplete) => {
    expect(read(script).isComplete).toBe(isComplete);
  });

  it('reads flags from a variable that is known', () => {
    expect(flags('FLAGS="-a -v"; go build $FLAGS .')).toEqual(['a', 'v']);
  });

  it.each([
    'build',
    'test',
    'list',
    'get',
    'clean',
    'run',
    'vet',
    'generate',
    'mod download',
    'mod tidy',
    'mod vendor',
  ])('knows the flags that `go help %s` shows in its usage', (subcommand) => {
    const help = execFileSync('go', ['help', ...subcommand.split(' ')], { encoding: 'utf8' });
    const usage = help.split('\n')[0] ?? '';
    const shown = [...usage.matchAll(/\[-(\w+)(?:[ =][^\]]+)?\]/g)].map((match) => match[1] ?? '');
    expect(shown.filter((name) => !flagsOf(subcommand).has(name))).toEqual([]);
  });

  it.each([
    ['build', 'build'],
    ['testflag', 'test'],
  ])('knows the flags that `go help %s` lists, and which take a value', (topic, subcommand) => {
    const help = execFileSync('go', ['help', topic], { encoding: 'utf8' });
    const listed = [...help.matchAll(/^\t(?: {4})?-([\w.]+)(?: ([^\n]+))?$/gm)];
    expect(listed.length).toBeGreaterThan(20);
    const known = flagsOf(subcommand);
    const wrong = listed.filter(([, name = '', value]) => known.get(name) !== (value !== undefined));
    expect(wrong.map(([line]) => line.trim())).toEqual([]);
  });
});

describe('classifyGoCommand', () => {
  it.each([
    ['go build ./...', 'compile'],
    ['/usr/local/go/bin/go install x@latest', 'compile'],
    ['go -C dir test', 'compile'],
    ['go1.26.1 vet', 'compile'],
    ['xx-go build', 'compile'],
    ['go list -export ./...', 'compile'],
    ['go list ./...', 'query'],
    ['go list -m all', 'download'],
    ['go mod download', 'download'],
    ['go mod tidy', 'download'],
    ['go get ./...', 'download'],
    ['go mod why x', 'query'],
    ['go mod edit -replace a=b', 'other'],
    ['go clean -cache', 'clean'],
    ['go version', 'environment'],
    ['go frobnicate', undefined],
    ['goreleaser build --snapshot', 'compile'],
    ['goreleaser --version', undefined],
    ['golangci-lint run', 'compile'],
    ['mage -v build', 'compile'],
    ['make linux', 'opaque'],
    ['./scripts/build.sh', 'opaque'],
    ['bash -e scripts/build', 'opaque'],
    ['./retry.sh 5 -- go mod download', 'download'],
    ['apt-get install -y make golang-go', undefined],
    ['echo go build', undefined],
    ['gofmt -l .', undefined],
  ])('%s is %s', (script, kind) => {
    expect(readCommands(script).commands.map(classifyGoCommand)).toEqual([kind]);
  });
});
