import { describe, expect, it } from 'vitest';
import { BUILDX_FLAGS } from '../../../src/cli/buildx-flags.ts';
import { parseWords } from '../../../src/cli/flag-words.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../../../src/cli/own-flags.ts';
import { isQuestion, readUserBuild, writesToStdout } from '../../../src/cli/read-user-build.ts';
import type { UserBuild } from '../../../src/buildkit/types.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';

const OWN = [...OPTION_FLAGS, DRY_RUN_FLAG];
const parse = (line: string) => parseWords(line.split(' '), [...BUILDX_FLAGS, ...OWN]);

function read(line: string, env: Record<string, string> = {}): UserBuild {
  return readUserBuild({ parsed: parse(line), ownFlags: new Set(OWN.map((flag) => flag.name)), env });
}

describe('readUserBuild', () => {
  it.each<[string, Partial<UserBuild>]>([
    ['.', {}],
    ['-f build/Dockerfile .', { file: 'build/Dockerfile' }],
    ['-t a -t b:1 .', { tags: ['a', 'b:1'] }],
    ['--target x --target y .', { target: 'y' }],
    [
      '--platform linux/amd64,linux/arm64 --platform linux/386 .',
      { platforms: ['linux/amd64', 'linux/arm64', 'linux/386'] },
    ],
    ['--build-arg A=1 --build-arg B .', { buildArgs: ['A=1', 'B'] }],
    ['--build-context x=../x .', { buildContexts: ['x=../x'] }],
    ['--secret id=a,src=b --ssh default .', { secrets: ['id=a,src=b'], ssh: ['default'] }],
    ['--push --load --pull --no-cache -q .', { push: true, load: true, pull: true, noCache: true, quiet: true }],
    ['--push --push=false .', { push: false }],
    ['-o - -o type=tar,dest=x .', { outputs: ['-', 'type=tar,dest=x'] }],
    ['--cache-from a --cache-to type=inline .', { cacheFrom: ['a'], cacheTo: ['type=inline'] }],
    [
      '--metadata-file m --iidfile i --builder b --label l=1 .',
      { metadataFile: 'm', iidFile: 'i', builder: 'b', labels: ['l=1'] },
    ],
    ['--progress plain .', {}],
    [
      '--add-host a:1 --network=host --check -D --ulimit nofile=1 .',
      { passthrough: ['--add-host', 'a:1', '--network=host', '--check', '-D', '--ulimit', 'nofile=1'] },
    ],
    ['-m 2g --squash --rm=false .', { passthrough: ['-m', '2g', '--squash', '--rm=false'] }],
    ['--store type=local,dest=x --scope s --dry-run --read-only --engine buildx --format json .', {}],
    [
      '--sbom true https://example.com/x.git',
      { context: 'https://example.com/x.git', passthrough: ['--sbom', 'true'] },
    ],
  ])('%s', (line, expected) => {
    expect(read(line)).toEqual({ ...PLAIN_BUILD, ...expected });
  });

  it('takes the platform of DOCKER_DEFAULT_PLATFORM unless one is written', () => {
    const env = { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' };
    expect(read('.', env).platforms).toEqual(['linux/arm64']);
    expect(read('--platform linux/386 .', env).platforms).toEqual(['linux/386']);
  });

  it('wants one context', () => {
    expect(() => read('-q')).toThrow('the build context is missing');
    expect(() => read('--push false .')).toThrow('`.` follows `false`');
  });
});

describe('what goes to standard output', () => {
  it.each([
    ['.', false],
    ['-o dir .', false],
    ['-o - .', true],
    ['-o type=oci,dest=- .', true],
    ['-o type=oci,dest=-x .', false],
    ['-q .', true],
    ['--check .', true],
  ])('%s: %s', (line, expected) => {
    expect(writesToStdout(read(line), parse(line))).toBe(expected);
  });

  it.each([
    ['.', false],
    ['--check .', true],
    ['--check=false .', false],
    ['--call build .', false],
    ['--call check,format=json .', true],
    ['--print outline .', true],
  ])('%s is a question: %s', (line, expected) => {
    expect(isQuestion(parse(line))).toBe(expected);
  });
});
