import { describe, expect, it } from 'vitest';
import { readBakeAnswer, readComposeAnswer, type ComposeCall } from '../../../../src/cli/run/read-definition.ts';
import { PLAIN_BUILD } from '../../buildkit/plain-build.ts';

describe('what `docker buildx bake --print` says', () => {
  it('is read target by target', () => {
    const answer = {
      group: { default: { targets: ['api', 'worker'] } },
      target: {
        api: {
          context: 'app ü',
          contexts: { base: 'target:base', deps: '../deps' },
          dockerfile: 'docker/Dockerfile',
          args: { VERSION: '1', EMPTY: '', FROM_ENV: null },
          target: 'release',
          platforms: ['linux/amd64', 'linux/arm64'],
          secret: [{ id: 't', env: 'T' }, 'id=u,src=u.txt'],
          'no-cache': true,
        },
        worker: { context: '.', dockerfile: '/abs/Dockerfile', output: [{ type: 'cacheonly' }], network: 'host' },
        here: { context: 'cwd://sub', dockerfile: 'cwd://my.Dockerfile' },
        inline: { context: '.', dockerfile: 'Dockerfile', 'dockerfile-inline': 'FROM scratch' },
        far: { context: 'https://example.com/x.git', dockerfile: 'Dockerfile' },
      },
    };
    expect(readBakeAnswer(answer, {})).toEqual([
      {
        name: 'target `api`',
        build: {
          ...PLAIN_BUILD,
          context: 'app ü',
          file: 'app ü/docker/Dockerfile',
          target: 'release',
          buildArgs: ['VERSION=1', 'EMPTY=', 'FROM_ENV'],
          buildContexts: ['base=target:base', 'deps=../deps'],
          platforms: ['linux/amd64', 'linux/arm64'],
          secrets: ['id=t,env=T', 'id=u,src=u.txt'],
          noCache: true,
        },
      },
      {
        name: 'target `worker`',
        build: { ...PLAIN_BUILD, file: '/abs/Dockerfile', passthrough: ['--network', 'host'] },
      },
      { name: 'target `here`', build: { ...PLAIN_BUILD, context: 'sub', file: 'my.Dockerfile' } },
      { name: 'target `inline`', build: { ...PLAIN_BUILD, file: '-', fileText: 'FROM scratch' } },
      { name: 'target `far`', cold: { reason: 'its context is remote', isFault: false } },
    ]);
  });

  it.each([[null], [[]], ['text'], [{}], [{ target: [] }], [{ target: null }]])('has no target in %j', (answer) => {
    expect(readBakeAnswer(answer, {})).toEqual([]);
  });
});

describe('what `docker compose config` says', () => {
  const answer = {
    name: 'shop',
    services: {
      api: {
        build: {
          context: '/srv/shop/api',
          dockerfile: 'Dockerfile',
          args: { A: '1' },
          target: 't',
          additional_contexts: { d: '/d' },
        },
        depends_on: { web: {} },
        platform: 'linux/arm64',
      },
      db: { image: 'postgres' },
      web: { build: { context: '/srv/shop/web', dockerfile_inline: 'FROM scratch', platforms: ['linux/amd64'] } },
    },
  };
  const call: ComposeCall = { env: {}, services: [], isWithDependencies: false, buildArgs: [], isWithoutCache: false };
  const names = (more: Partial<ComposeCall>): readonly string[] =>
    readComposeAnswer(answer, { ...call, ...more }).map(({ name }) => name);

  it('is read service by service', () => {
    expect(readComposeAnswer(answer, { ...call, buildArgs: ['B=2'], isWithoutCache: true })).toEqual([
      {
        name: 'service `api`',
        build: {
          ...PLAIN_BUILD,
          context: '/srv/shop/api',
          file: '/srv/shop/api/Dockerfile',
          target: 't',
          buildArgs: ['A=1', 'B=2'],
          buildContexts: ['d=/d'],
          platforms: ['linux/arm64'],
          noCache: true,
        },
      },
      {
        name: 'service `web`',
        build: {
          ...PLAIN_BUILD,
          context: '/srv/shop/web',
          file: '-',
          fileText: 'FROM scratch',
          buildArgs: ['B=2'],
          platforms: ['linux/amd64'],
          noCache: true,
        },
      },
    ]);
  });

  it('is read for the services that are built', () => {
    expect(names({})).toEqual(['service `api`', 'service `web`']);
    expect(names({ services: ['api'] })).toEqual(['service `api`']);
    expect(names({ services: ['api'], isWithDependencies: true })).toEqual(['service `api`', 'service `web`']);
  });
});
