import { describe, expect, it } from 'vitest';
import type { UserBuild } from '../../../../src/buildkit/types.ts';
import { readCommand } from '../../../../src/cli/run/read-command.ts';
import type { Client, CommandReading } from '../../../../src/cli/run/types.ts';
import { PLAIN_BUILD } from '../../buildkit/plain-build.ts';

const BUILDX: Client = { engine: 'buildx', builder: undefined, env: {} };

function read(line: string | readonly string[], env: Record<string, string> = {}): CommandReading {
  return readCommand(typeof line === 'string' ? line.split(' ') : line, env);
}

function reasonOf(reading: CommandReading): string {
  return reading.kind === 'none' ? `${reading.cold.isFault ? 'fault' : 'plain'}: ${reading.cold.reason}` : reading.kind;
}

describe('a build that the words state', () => {
  it.each<[string, Partial<Client>, Partial<UserBuild>]>([
    ['docker build .', { isPlainDocker: true }, {}],
    ['docker image build -t a .', { isPlainDocker: true }, { tags: ['a'] }],
    ['docker builder build --target x .', { isPlainDocker: true }, { target: 'x' }],
    ['/usr/bin/docker buildx build -f a/Dockerfile a', {}, { file: 'a/Dockerfile', context: 'a' }],
    ['docker buildx b --build-arg A=1 --build-arg=B .', {}, { buildArgs: ['A=1', 'B'] }],
    [
      'docker -c far --host tcp://h --config d -D -l warn buildx build .',
      { env: { DOCKER_CONTEXT: 'far', DOCKER_HOST: 'tcp://h', DOCKER_CONFIG: 'd' } },
      {},
    ],
    ['docker buildx --builder one build .', { builder: 'one' }, { builder: 'one' }],
    ['docker buildx --builder one build --builder two .', { builder: 'two' }, { builder: 'two' }],
    ['docker-buildx build --platform linux/amd64,linux/arm64 .', {}, { platforms: ['linux/amd64', 'linux/arm64'] }],
    ['buildx build --no-cache .', {}, { noCache: true }],
    ['docker buildx build --build-context deps=../deps .', {}, { buildContexts: ['deps=../deps'] }],
    ['docker buildx build . --memory 2g', {}, { passthrough: ['--memory', '2g'] }],
  ])('%s', (line, client, build) => {
    const builds = [
      {
        name: build.target === undefined ? 'the build' : `target \`${build.target}\``,
        build: { ...PLAIN_BUILD, ...build },
      },
    ];
    expect(read(line)).toEqual({ kind: 'builds', client: { ...BUILDX, ...client }, builds });
  });

  it('has paths with spaces and of any script', () => {
    const reading = read(['docker', 'buildx', 'build', '-f', 'my app/Dockerfile ü', '目录 один']);
    expect(reading).toMatchObject({ builds: [{ build: { file: 'my app/Dockerfile ü', context: '目录 один' } }] });
  });

  it('has the platform of DOCKER_DEFAULT_PLATFORM', () => {
    const reading = read('docker build .', { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' });
    expect(reading).toMatchObject({ builds: [{ build: { platforms: ['linux/arm64'] } }] });
  });
});

describe('buildctl', () => {
  const words = ['buildctl', 'build', '--frontend', 'dockerfile.v0', '--local', 'context=an app'];

  it('states it in words of its own', () => {
    const more = [
      ...['--local', 'dockerfile=docker', '--opt', 'filename=my.Dockerfile', '--opt', 'target=release', '--no-cache'],
      ...['--opt', 'build-arg:A=1=2', '--opt=build-arg:B=', '-opt', 'platform=linux/arm64', '--local', 'more=../more'],
      ...['--opt', 'context:deps=local:more', '--opt', 'context:base=docker-image://alpine', '--secret', 'id=t,env=T'],
      ...['-o', 'type=image,name=a,push=true', '--opt', 'force-network-mode=host'],
    ];
    expect(read([...words, ...more])).toEqual({
      kind: 'builds',
      client: {
        engine: 'buildctl',
        builder: undefined,
        env: { BUILDKIT_HOST: 'unix:///run/buildkit/buildkitd.sock' },
      },
      builds: [
        {
          name: 'target `release`',
          build: {
            ...PLAIN_BUILD,
            context: 'an app',
            file: 'docker/my.Dockerfile',
            target: 'release',
            platforms: ['linux/arm64'],
            buildArgs: ['A=1=2', 'B='],
            buildContexts: ['deps=../more', 'base=docker-image://alpine'],
            secrets: ['id=t,env=T'],
            noCache: true,
            passthrough: ['--network', 'host'],
          },
        },
      ],
    });
  });

  it.each([
    [[], {}, 'unix:///run/buildkit/buildkitd.sock'],
    [[], { BUILDKIT_HOST: 'tcp://env:1' }, 'tcp://env:1'],
    [['--addr', 'tcp://flag:1', '--debug', '--timeout=9'], { BUILDKIT_HOST: 'tcp://env:1' }, 'tcp://flag:1'],
    [['-addr=tcp://flag:1'], {}, 'tcp://flag:1'],
  ] as const)('asks the daemon of %j with %j', (globals, env, address) => {
    const reading = readCommand(['buildctl', ...globals, ...words.slice(1)], env);
    expect(reading).toMatchObject({ client: { env: { BUILDKIT_HOST: address } } });
  });

  it('reads the Dockerfile frontend behind the gateway', () => {
    const gateway = ['buildctl', 'b', '--frontend=gateway.v0', '--opt', 'source=docker/dockerfile:1'];
    expect(read([...gateway, '--local', 'context=.']).kind).toBe('builds');
    expect(reasonOf(read([...gateway.slice(0, 3), '--opt', 'source=other/frontend', '--local', 'context=.']))).toMatch(
      /^plain: the frontend `other\/frontend`/,
    );
    expect(reasonOf(read([...gateway.slice(0, 3), '--local', 'context=.']))).toMatch(/^plain: the frontend/);
  });
});

describe('a command whose builds stand in files', () => {
  it('is asked of bake, with its own words', () => {
    const reading = read('docker --context far buildx --builder b bake -f a.hcl --set *.args.A=1 --no-cache api');
    expect(reading).toMatchObject({
      kind: 'definition',
      client: { engine: 'buildx', builder: 'b', env: { DOCKER_CONTEXT: 'far' } },
    });
    if (reading.kind !== 'definition') throw new Error('no definition');
    expect(reading.question.join(' ')).toBe(
      'docker --context far buildx bake --print --builder b -f a.hcl --set *.args.A=1 --no-cache api',
    );
  });

  it('is asked of Compose, with the flags before `build` and its services', () => {
    const reading = read('docker compose -f a.yml --profile x -p name build --build-arg A=1 --builder b api web');
    expect(reading).toMatchObject({ kind: 'definition', client: { engine: 'buildx', builder: 'b' } });
    if (reading.kind !== 'definition') throw new Error('no definition');
    expect(reading.question.join(' ')).toBe('docker compose -f a.yml --profile x -p name config --format json api web');
  });
});

describe('a command for which nothing is restored', () => {
  it.each([
    ['make image', 'fault: `make` is not a command'],
    ['podman build .', 'fault: `podman` is not a command'],
    ['docker run app', 'fault: `docker run` is not a command'],
    ['docker buildx du', 'fault: `buildx du` is not a command'],
    ['docker compose up --build', 'fault: of Compose only `build` is read, not `up`'],
    ['docker --tlsverify build .', 'fault: its daemon is named by TLS flags'],
    ['buildctl --tlscert c build --frontend dockerfile.v0', 'fault: its daemon is named by TLS flags'],
    ['buildctl du', 'fault: `buildctl du` is not a command that builds'],
    ['buildctl build', 'plain: its build comes from standard input'],
    ['buildctl build --frontend dockerfile.v0 --opt context=https://example.com/x.git', 'plain: its context is remote'],
    ['docker build', 'fault: its words are not understood: the build context is missing'],
    ['docker build --taget x .', 'fault: its words are not understood: unknown flag `--taget`'],
    ['docker buildx build . extra', 'fault: its words are not understood: one PATH'],
    ['docker build -', 'plain: its context comes from standard input'],
    ['docker build -f - .', 'plain: its Dockerfile comes from standard input'],
    ['docker build https://example.com/x.git', 'plain: its context is remote'],
    ['docker buildx build --check .', 'plain: it only asks a question'],
    ['docker buildx bake --print', 'plain: it only asks a question'],
    ['docker buildx bake --list targets', 'plain: it only asks a question'],
    ['docker buildx bake -f -', 'plain: its bake file comes from standard input'],
    ['docker buildx bake https://example.com/x.git', 'plain: its bake file is remote'],
    ['docker compose -f - build', 'plain: its Compose file comes from standard input'],
    ['docker compose build --print', 'plain: it only asks a question'],
    ['docker compose build --dry-run', 'plain: it only asks a question'],
    ['docker compose --dry-run build', 'plain: it only asks a question'],
  ])('%s', (line, reason) => {
    expect(reasonOf(read(line))).toContain(reason);
  });

  it("is one with docker's old builder", () => {
    expect(reasonOf(read('docker build .', { DOCKER_BUILDKIT: '0' }))).toMatch(/^fault: .*DOCKER_BUILDKIT=0/);
  });
});
