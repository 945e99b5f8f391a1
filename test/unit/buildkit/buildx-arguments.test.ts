import { expect, it } from 'vitest';
import { planHelperBuildx, planUserBuildx } from '../../../src/buildkit/buildx-arguments.ts';
import { streamsResult } from '../../../src/buildkit/build-outputs.ts';
import { PLAIN_BUILD } from './plain-build.ts';

it('hands every flag on as it was given, what it doesn’t know included', () => {
  const build = {
    ...PLAIN_BUILD,
    context: 'dir',
    file: 'my file',
    target: 'test',
    platforms: ['linux/amd64', 'linux/arm64'],
    tags: ['a:1', 'b:2'],
    labels: ['l=1', 'bare'],
    buildArgs: ['A=1', 'B'],
    buildContexts: ['c=dir'],
    secrets: ['id=s'],
    ssh: ['default'],
    outputs: ['-'],
    push: true,
    load: true,
    pull: true,
    quiet: true,
    noCache: true,
    cacheFrom: ['ref'],
    cacheTo: ['type=inline'],
    metadataFile: 'told.json',
    iidFile: 'iid',
    builder: 'mine',
    passthrough: ['--annotation', 'x=y', '--policy=z'],
  };
  expect(planUserBuildx(build, 'told.json').join(' ')).toBe(
    [
      'build --progress=rawjson --builder mine --label l=1 --label bare --build-arg A=1 --build-arg B',
      '--build-context c=dir --secret id=s --ssh default --tag a:1 --tag b:2',
      '--platform linux/amd64 --platform linux/arm64 --output - --cache-from ref --cache-to type=inline --target test',
      '--push --load --pull --no-cache --metadata-file told.json --iidfile iid --file my file',
      '--annotation x=y --policy=z dir',
    ].join(' '),
  );
});

it('says nothing that wasn’t said', () => {
  expect(planUserBuildx(PLAIN_BUILD, 'm')).toEqual(['build', '--progress=rawjson', '--metadata-file', 'm', '.']);
});

const HELPER = { phase: 'restore', dockerfile: '', context: '/ctx', buildArgs: { NONCE: '1' } } as const;

it('keeps a helper build’s result in the cache: no image is loaded, and no cache is dropped', () => {
  const args = planHelperBuildx({ ...HELPER, target: 't' }, '/d/Dockerfile', 'mine');
  expect(args).toEqual([
    ...['build', '--progress=rawjson', '--provenance=false', '--file', '/d/Dockerfile', '--builder', 'mine'],
    ...['--target', 't', '--build-arg', 'NONCE=1', '--output', 'type=cacheonly', '/ctx'],
  ]);
});

it('runs a helper on the node and the network of the build that it is for', () => {
  const args = planHelperBuildx({ ...HELPER, platform: 'linux/arm64', network: 'host' }, '/d/Dockerfile', undefined);
  expect(args.join(' ')).toContain('--platform linux/arm64 --network host');
});

it('builds a helper on top of a build in that build’s context', () => {
  const base = {
    ...PLAIN_BUILD,
    context: 'dir',
    builder: 'theirs',
    buildArgs: ['A=1'],
    tags: ['never'],
    outputs: ['never'],
  };
  const args = planHelperBuildx({ ...HELPER, base, exportTo: '/a,b' }, '/d/Dockerfile', 'theirs');
  expect(args.at(-1)).toBe('dir');
  expect(args.join(' ')).toContain('--builder theirs --build-arg A=1 --build-context slipway-context=/ctx');
  expect(args).toContain('type=local,"dest=/a,b"');
  expect(args.join(' ')).not.toContain('never');
});

it.each([
  [['-'], true, true],
  [['type=tar'], true, true],
  [['type=tar,dest=-'], true, true],
  [['type=oci'], true, true],
  [['type=docker'], false, true],
  [['type=docker,dest=-'], true, true],
  [['type=oci,tar=false,dest=x'], false, false],
  [['type=tar,dest=x'], false, false],
  [['type=local,dest=x', 'type=tar'], true, true],
  [['x'], false, false],
  [['type=image'], false, false],
  [[], false, false],
])('%j streams to standard output: buildx %s, buildctl %s', (outputs, underBuildx, underBuildctl) => {
  expect(streamsResult(outputs, 'buildx')).toBe(underBuildx);
  expect(streamsResult(outputs, 'buildctl')).toBe(underBuildctl);
});
