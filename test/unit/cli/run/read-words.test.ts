import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../../src/cli/commands/run.ts';
import { parseWords } from '../../../../src/cli/flag-words.ts';
import { choosePlainBuilder } from '../../../../src/cli/run/plain-docker-builder.ts';
import { readHostWords, readRunWords } from '../../../../src/cli/run/read-words.ts';
import { isSlipwayError } from '../../../../src/core/errors.ts';
import { PLAIN_BUILD } from '../../buildkit/plain-build.ts';

function read(line: string, env: Record<string, string> = {}) {
  return readRunWords(parseWords(line.split(' '), runCommand.flags), new Set(['scope', 'report']), env);
}

describe('the words of `slipway run --host`', () => {
  const readHost = (line: string) => readHostWords(parseWords(line.split(' '), runCommand.flags));

  it('are a command, whatever it is', () => {
    expect(readHost('--host --scope main -- go test ./... -run .')).toEqual(['go', 'test', './...', '-run', '.']);
    expect(readHost('--host -- docker build --target x .')).toEqual(['docker', 'build', '--target', 'x', '.']);
  });

  it.each([
    ['--host . -- go test', '.'],
    ['--host --file Dockerfile -- go test', '--file'],
    ['--host --target x -- go test', '--target'],
    ['--host --build-arg A=1 -- go test', '--build-arg'],
    ['--host --platform linux/arm64 -- go test', '--platform'],
    ['--host --builder b -- go test', '--builder'],
  ])('`%s` names an image build too, which is refused', (line, what) => {
    expect(() => readHost(line)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`\`${what}\` names an image build`) }),
    );
  });
});

describe('the words of `slipway run`', () => {
  it('are slipway’s before `--` and the command’s after it', () => {
    const { command, reading } = read('--scope main -- docker build --target x -- .');
    expect(command).toEqual(['docker', 'build', '--target', 'x', '--', '.']);
    expect(reading).toMatchObject({ kind: 'builds', builds: [{ build: { target: 'x', context: '.' } }] });
  });

  it.each(['', '.', '--scope main', '.  --', 'docker build .'])('`%s` names no command', (line) => {
    const words = line.split(' ').filter((word) => word !== '');
    const parsed = parseWords(words, runCommand.flags);
    expect(() => readRunWords(parsed, new Set(), {})).toThrow(
      expect.objectContaining({ code: 'USAGE', message: 'the command to run is missing' }),
    );
  });

  it('name the build of a script', () => {
    const { reading } = read('--file a/Dockerfile --target x --build-arg A=1 --scope s app -- make image');
    const build = { ...PLAIN_BUILD, context: 'app', file: 'a/Dockerfile', target: 'x', buildArgs: ['A=1'] };
    const client = { engine: 'buildx', builder: undefined, env: {} };
    expect(reading).toEqual({ kind: 'builds', client, builds: [{ name: 'target `x`', build }] });
    expect(read('--target x -- make').reading).toMatchObject({ builds: [{ build: { context: '.' } }] });
  });

  it('count more than what the command says, but for its builder', () => {
    const { reading } = read('. -- docker buildx --builder b bake');
    expect(reading).toMatchObject({ kind: 'builds', client: { builder: 'b' }, builds: [{ build: { context: '.' } }] });
  });

  it.each<[string, Record<string, string>, object]>([
    ['. -- make', {}, { engine: 'buildx', builder: undefined }],
    ['. -- make', { BUILDKIT_HOST: 'tcp://h:1' }, { engine: 'buildctl', builder: undefined }],
    ['. -- make', { BUILDKIT_HOST: 'tcp://h:1', BUILDX_BUILDER: 'b' }, { engine: 'buildx' }],
    ['--builder b . -- make', { BUILDKIT_HOST: 'tcp://h:1' }, { engine: 'buildx', builder: 'b' }],
    ['--builder b -- docker buildx bake', {}, { engine: 'buildx', builder: 'b' }],
    ['--builder b -- docker buildx bake --builder c', {}, { engine: 'buildx', builder: 'c' }],
  ])('`%s` with %j asks %j', (line, env, client) => {
    expect(read(line, env).reading).toMatchObject({ client });
  });

  it.each(['--file - . -- make', '- -- make'])('`%s` would take the command’s standard input', (line) => {
    let thrown: unknown;
    try {
      read(line);
    } catch (error) {
      thrown = error;
    }
    expect(isSlipwayError(thrown, 'USAGE')).toBe(true);
  });
});

describe('the builder of a plain `docker build`', () => {
  it.each<[string | undefined, Record<string, string>, string | undefined]>([
    [undefined, {}, 'default'],
    ['{"currentContext":"desktop-linux"}', {}, 'desktop-linux'],
    ['{"currentContext":"desktop-linux"}', { DOCKER_CONTEXT: 'far' }, 'far'],
    ['{"currentContext":"desktop-linux"}', { DOCKER_HOST: 'tcp://h:1', DOCKER_CONTEXT: 'far' }, 'default'],
    ['{"aliases":{"builder":"buildx"}}', {}, undefined],
    ['not JSON', {}, 'default'],
  ])('%s with %j: %s', (config, env, builder) => {
    expect(choosePlainBuilder(config, env)).toBe(builder);
  });
});
