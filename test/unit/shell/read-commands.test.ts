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
