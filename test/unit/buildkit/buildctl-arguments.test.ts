import { describe, expect, it } from 'vitest';
import { planHelperBuildctl, planUserBuildctl } from '../../../src/buildkit/buildctl-arguments.ts';
import type { UserBuild } from '../../../src/buildkit/types.ts';
import { PLAIN_BUILD } from './plain-build.ts';

const FILES = { dockerfileDirectory: '/app', dockerfileName: 'Dockerfile', metadataFile: '/tmp/metadata.json' };
const PROVENANCE = 'attest:provenance=mode=min,inline-only=true';

function plan(build: Partial<UserBuild>, env: Record<string, string> = {}): readonly string[] {
  return planUserBuildctl({ ...PLAIN_BUILD, ...build }, FILES, env).args;
}

/** Values of a flag, in order. */
function values(args: readonly string[], flag: string): readonly string[] {
  return args.flatMap((word, index) => (word === flag ? [args[index + 1] ?? ''] : []));
}

it('builds a directory with nothing else said', () => {
  expect(plan({})).toEqual([
    ...['build', '--progress=rawjson', '--frontend', 'dockerfile.v0', '--local', 'context=.'],
    ...['--local', 'dockerfile=/app', '--opt', 'filename=Dockerfile', '--opt', PROVENANCE],
    ...['--metadata-file', '/tmp/metadata.json'],
  ]);
});

const OPTIONS: readonly [Partial<UserBuild>, string][] = [
  [{ target: 'test' }, 'target=test'],
  [{ platforms: ['linux/amd64', 'linux/arm64'] }, 'platform=linux/amd64,linux/arm64'],
  [{ labels: ['a=b=c'] }, 'label:a=b=c'],
  [{ labels: ['bare'] }, 'label:bare='],
  [{ buildArgs: ['A=b c,"d"'] }, 'build-arg:A=b c,"d"'],
  [{ buildArgs: ['SET'] }, 'build-arg:SET=from the environment'],
  [{ buildArgs: ['EMPTY='] }, 'build-arg:EMPTY='],
  [{ pull: true }, 'image-resolve-mode=pull'],
  [{ buildContexts: ['base=docker-image://alpine:3'] }, 'context:base=docker-image://alpine:3'],
  [{ buildContexts: ['src=https://example.com/a.git#main'] }, 'context:src=https://example.com/a.git#main'],
  [{ buildContexts: ['dir=/some/where'] }, 'context:dir=local:dir'],
  [{ passthrough: ['--add-host', 'a.example:192.0.2.1'] }, 'add-hosts=a.example=192.0.2.1'],
  [{ passthrough: ['--add-host=six=[2001:db8::1]', '--add-host=b:1.2.3.4'] }, 'add-hosts=six=2001:db8::1,b=1.2.3.4'],
  [{ passthrough: ['--shm-size', '64m'] }, 'shm-size=67108864'],
  [{ passthrough: ['--shm-size=1.5GiB'] }, 'shm-size=1610612736'],
  [{ passthrough: ['--ulimit', 'nofile=1:2', '--ulimit', 'nproc=3'] }, 'ulimit=nofile=1:2,nproc=3'],
  [{ passthrough: ['--network=host'] }, 'force-network-mode=host'],
  [{ passthrough: ['--network', 'none'] }, 'force-network-mode=none'],
  [{ passthrough: ['--cgroup-parent', 'builds.slice'] }, 'cgroup-parent=builds.slice'],
  [{ passthrough: ['--no-cache-filter', 'a,b', '--no-cache-filter=c'] }, 'no-cache=a,b,c'],
  [{ passthrough: ['--sbom=true'] }, 'attest:sbom='],
  [{ passthrough: ['--provenance', 'mode=max'] }, 'attest:provenance=mode=max'],
  [{ passthrough: ['--attest', 'type=sbom,generator=image:1'] }, 'attest:sbom=generator=image:1'],
];

it.each(OPTIONS)('%j becomes the frontend option %s', (build, option) => {
  expect(values(plan(build, { SET: 'from the environment' }), '--opt')).toContain(option);
});

describe('flags of its own', () => {
  it.each([
    [{ secrets: ['id=a,src=b'] }, '--secret', ['id=a,src=b']],
    [{ ssh: ['default=/run/agent'] }, '--ssh', ['default=/run/agent']],
    [
      { cacheFrom: ['example.com/c', 'type=local,src=x'] },
      '--import-cache',
      ['type=registry,ref=example.com/c', 'type=local,src=x'],
    ],
    [{ cacheTo: ['type=inline'] }, '--export-cache', ['type=inline']],
    [
      { passthrough: ['--allow', 'security.insecure', '--network=host'] },
      '--allow',
      ['security.insecure', 'network.host'],
    ],
    [{ buildContexts: ['dir=/some/where'] }, '--local', ['context=.', 'dockerfile=/app', 'dir=/some/where']],
  ] as const)('%j', (build, flag, expected) => {
    expect(values(plan(build), flag)).toEqual(expected);
  });

  it('passes --no-cache on', () => {
    expect(plan({ noCache: true })).toContain('--no-cache');
    expect(plan({})).not.toContain('--no-cache');
  });

  it('leaves a build argument out that the environment doesn’t hold', () => {
    expect(values(plan({ buildArgs: ['GONE'] }), '--opt').filter((option) => option.startsWith('build-arg'))).toEqual(
      [],
    );
  });
});

describe('attestations', () => {
  it.each([
    [['--provenance=false'], {}],
    [['--attest=type=provenance,disabled=true'], {}],
    [[], { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' }],
  ])('%j with %j: no provenance', (passthrough, env) => {
    expect(values(plan({ passthrough }, env), '--opt').filter((option) => option.startsWith('attest:'))).toEqual([]);
  });
});

describe('remote contexts', () => {
  const url = 'https://example.com/app.git#main:sub';
  it('leaves the Dockerfile to BuildKit', () => {
    const args = plan({ context: url, file: 'build/Dockerfile' });
    expect(values(args, '--local')).toEqual([]);
    expect(values(args, '--opt')).toEqual([`context=${url}`, 'filename=build/Dockerfile', PROVENANCE]);
  });
  it('takes a Dockerfile from standard input all the same', () => {
    const args = plan({ context: url, file: '-', fileText: 'FROM scratch\n' });
    expect(values(args, '--local')).toEqual(['dockerfile=/app']);
    expect(values(args, '--opt')).toEqual([
      `context=${url}`,
      'filename=Dockerfile',
      'dockerfilekey=dockerfile',
      PROVENANCE,
    ]);
  });
});

const OUTPUTS: readonly [Partial<UserBuild>, readonly string[]][] = [
  [{ outputs: ['out'] }, ['type=local,dest=out']],
  [{ outputs: ['-'] }, ['type=tar']],
  [{ outputs: ['type=tar,dest=-'] }, ['type=tar']],
  [{ outputs: ['type=local,"dest=a,b"'] }, ['type=local,"dest=a,b"']],
  [{ outputs: ['type=oci,dest=x.tar'], tags: ['a:1', 'b:2'] }, ['type=oci,dest=x.tar,"name=a:1,b:2"']],
  [{ outputs: ['type=local,dest=x'], tags: ['a:1'] }, ['type=local,dest=x']],
  [{ outputs: ['type=registry'], tags: ['a:1'] }, ['type=image,push=true,unpack=false,name=a:1']],
  [
    { outputs: ['type=registry,ref=x,unpack=true'], tags: ['a:1'] },
    ['type=image,ref=x,unpack=true,push=true,name=a:1'],
  ],
  [{ outputs: ['type=image,name=x:1,push=true'] }, ['type=image,name=x:1,push=true']],
  [{ push: true, tags: ['a:1'] }, ['type=image,push=true,unpack=false,name=a:1']],
  [
    { push: true, tags: ['a:1'], outputs: ['type=image,compression=zstd'] },
    ['type=image,compression=zstd,push=true,unpack=false,name=a:1'],
  ],
  [
    { push: true, tags: ['a:1'], outputs: ['out'] },
    ['type=local,dest=out', 'type=image,push=true,unpack=false,name=a:1'],
  ],
];

it.each(OUTPUTS)('%j', (build, outputs) => {
  expect(values(plan(build), '--output')).toEqual(outputs);
});

const REFUSED: readonly [Partial<UserBuild>, 'USAGE' | 'FLAG_UNSUPPORTED', string][] = [
  [{ context: '-' }, 'FLAG_UNSUPPORTED', 'standard input'],
  [{ load: true }, 'FLAG_UNSUPPORTED', '`--load`'],
  [{ builder: 'x' }, 'FLAG_UNSUPPORTED', '`--builder`'],
  [{ buildContexts: ['x=oci-layout://y'] }, 'FLAG_UNSUPPORTED', '--build-context x=oci-layout'],
  [{ passthrough: ['--annotation', 'a=b'] }, 'FLAG_UNSUPPORTED', '`--annotation`'],
  [{ passthrough: ['--annotation=a=b'] }, 'FLAG_UNSUPPORTED', '`--annotation`'],
  [{ passthrough: ['--allow', 'x', '--policy', 'y'] }, 'FLAG_UNSUPPORTED', '`--policy`'],
  [{ passthrough: ['--check'] }, 'FLAG_UNSUPPORTED', '`--check`'],
  [{ passthrough: ['-m', '1g'] }, 'FLAG_UNSUPPORTED', '`-m`'],
  [{ passthrough: ['--network', 'bridge'] }, 'FLAG_UNSUPPORTED', '`--network bridge`'],
  [{ passthrough: ['--add-host', 'a:host-gateway'] }, 'FLAG_UNSUPPORTED', '--add-host a:host-gateway'],
  [{ passthrough: ['--shm-size', 'big'] }, 'USAGE', '--shm-size big'],
  [{ passthrough: ['--attest', 'generator=x'] }, 'USAGE', '--attest generator=x'],
  [{ buildContexts: ['=x'] }, 'USAGE', '--build-context =x'],
  [{ push: true }, 'USAGE', 'a push needs a name'],
  [{ outputs: ['type=registry'] }, 'USAGE', 'a push needs a name'],
  [{ outputs: ['dest=x,name=y'] }, 'USAGE', 'its type is missing'],
  [{ outputs: ['type=oci,"dest=x'] }, 'USAGE', 'quotes'],
  [{ outputs: ['type=oci,tar'] }, 'USAGE', '`tar` has no value'],
];

it.each(REFUSED)('refuses %j', (build, code, named) => {
  expect(() => plan(build)).toThrow(
    expect.objectContaining({ code, exitCode: 2, message: expect.stringContaining(named) as string }),
  );
});

describe('helper builds', () => {
  const helper = { phase: 'save', dockerfile: 'FROM x\n', context: '/ctx', buildArgs: { NONCE: '1' } } as const;

  it('export by a destination that is quoted where CSV asks for it', () => {
    const { args } = planHelperBuildctl({ ...helper, target: 't', exportTo: '/a,"b' }, '/file', {});
    expect(values(args, '--output')).toEqual(['type=local,"dest=/a,""b"']);
    expect(values(args, '--local')).toEqual(['context=/ctx', 'dockerfile=/file']);
    expect(values(args, '--opt')).toEqual(['target=t', 'build-arg:NONCE=1']);
    expect(args).not.toContain('--no-cache');
  });

  it('run on the network of the build that they are for', () => {
    const { args } = planHelperBuildctl({ ...helper, network: 'host' }, '/file', {});
    expect(values(args, '--opt')).toContain('force-network-mode=host');
    expect(values(args, '--allow')).toEqual(['network.host']);
  });

  it('on top of a build keep its contexts, arguments and secrets, but neither its target nor its platforms', () => {
    const base = {
      ...PLAIN_BUILD,
      target: 'theirs',
      platforms: ['linux/arm64'],
      buildArgs: ['A=1'],
      secrets: ['id=s'],
      buildContexts: ['c=/c'],
    };
    const { args } = planHelperBuildctl({ ...helper, base, target: 'ours' }, '/file', {});
    expect(values(args, '--opt')).toEqual(
      expect.arrayContaining([
        'target=ours',
        'build-arg:A=1',
        'build-arg:NONCE=1',
        'context:slipway-context=local:slipway-context',
      ]),
    );
    expect(args.join(' ')).not.toMatch(/theirs|arm64/);
    expect(values(args, '--secret')).toEqual(['id=s']);
    expect(values(args, '--local')).toEqual(['context=.', 'c=/c', 'slipway-context=/ctx', 'dockerfile=/file']);
  });
});
