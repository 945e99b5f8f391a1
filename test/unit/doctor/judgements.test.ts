import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWorkers, type BuilderFacts } from '../../../src/buildkit/builder-facts.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { judgeBuilder, judgeMissing } from '../../../src/doctor/checks/builder.ts';
import { judgeClock } from '../../../src/doctor/checks/clock.ts';
import { judgeConfiguration } from '../../../src/doctor/checks/config.ts';
import { judgeJobToken, judgeLogin } from '../../../src/doctor/checks/credentials.ts';
import { judgeBuilderDisk, judgeClientDisk } from '../../../src/doctor/checks/disk.ts';
import { judgeFailure } from '../../../src/doctor/checks/helper-build.ts';
import { judgeHabits } from '../../../src/doctor/checks/no-cache.ts';
import { judgeDirectory, judgeEmbedded, judgeSocket } from '../../../src/doctor/checks/permissions.ts';
import { judgeExposure } from '../../../src/doctor/checks/public.ts';
import { judgeFault } from '../../../src/doctor/checks/store.ts';
import { judgeBuildkit, judgeRunc } from '../../../src/doctor/checks/version.ts';
import { readAnswer } from '../../../src/doctor/probe-builder.ts';
import { parseStoreSpec } from '../../../src/store/store-spec.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const DEFAULT = readWorkers(
  readFileSync(join(PROJECT_ROOT, 'test/fixtures/doctor/workers-0.33.1.json'), 'utf8'),
  'unix:///run/b.sock',
);
const [NODE] = DEFAULT.nodes;

function withNode(changes: Partial<NonNullable<typeof NODE>>, driver?: string): BuilderFacts {
  return { ...DEFAULT, driver, nodes: [{ ...NODE!, ...changes }] };
}

describe('version', () => {
  it.each([
    ['v0.33.1', 'ok', undefined],
    ['v0.35.1', 'ok', undefined],
    ['v0.33.0', 'warning', 'GHSA-p3rc-w3hc-pqvv'],
    ['v0.28.0', 'warning', 'CVE-2026-33747'],
    ['0fa212dd6d02', 'info', undefined],
  ])('BuildKit %s: %s', (version, level, names) => {
    const [said] = judgeBuildkit(withNode({ version }));
    expect(said?.level).toBe(level);
    if (names !== undefined) expect(said?.says).toContain(names);
    expect(said?.mend !== undefined).toBe(level === 'warning');
  });

  it('names only the holes that the version has', () => {
    expect(judgeBuildkit(withNode({ version: 'v0.32.0' }))[0]?.says).not.toContain('CVE-2026-33747');
    expect(judgeBuildkit(withNode({ version: undefined }))[0]?.level).toBe('info');
    expect(judgeBuildkit(withNode({ version: 'v0.28.0' }, 'docker-container'))[0]?.mend).toMatch(/rm --keep-state/);
  });

  it.each([
    ['1.5.1', 'ok'],
    ['1.3.3', 'ok'],
    ['1.2.8', 'ok'],
    ['1.3.2', 'warning'],
    ['1.1.12', 'warning'],
    ['1.1.5+ds1', 'info'],
    ['unknown', 'info'],
  ])('runc %s: %s', (version, level) => {
    expect(judgeRunc(version).level).toBe(level);
  });
});

describe('builder', () => {
  const missing = new SlipwayError('ENGINE_MISSING', 'no BuildKit found: docker buildx is not installed', {
    hint: 'install it',
  });

  it('says what the search said, and how to get one', () => {
    const said = judgeMissing(missing, { hasDocker: false, isRemote: false });
    expect(said).toEqual({
      level: 'error',
      says: 'no BuildKit found: docker buildx is not installed; install it',
      mend: 'apt-get install docker.io docker-buildx',
    });
    expect(judgeMissing(missing, { hasDocker: true, isRemote: false }).mend).toMatch(/^docker buildx create/);
    expect(judgeMissing(missing, { hasDocker: true, isRemote: true }).mend).toBe('buildctl debug info');
  });

  it('tells what a driver means for cache mounts', () => {
    const said = (facts: BuilderFacts, kind: 'buildx' | 'embedded' = 'buildx'): readonly string[] =>
      judgeBuilder({ kind, description: 'found' }, facts).map(({ level, says }) => `${level} ${says}`);
    expect(said(DEFAULT)).toEqual(['ok found']);
    expect(said(withNode({}, 'docker'))[1]).toMatch(/^info the docker driver .* daemon.json/);
    expect(said(withNode({ name: 'n0', status: 'inactive' }))[1]).toMatch(/^info `n0` is not running yet/);
    expect(said({ ...DEFAULT, nodes: [NODE!, NODE!] })[1]).toMatch(/^info 2 nodes, each with cache mounts of its own/);
    expect(said(DEFAULT, 'embedded')[1]).toMatch(/^info no other engine was found/);
  });

  it('a helper image that is out of reach only costs time; any other failure is an error', () => {
    const image = new SlipwayError('IMAGE_UNAVAILABLE', 'no such host');
    expect(judgeFailure(image, { kind: 'buildctl' })).toMatchObject({ level: 'warning' });
    const broken = judgeFailure(new SlipwayError('ENGINE_FAILED', 'no space left'), { kind: 'buildctl' });
    expect(broken).toMatchObject({ level: 'error', mend: 'buildctl debug workers --verbose' });
    expect(broken.says).toContain('no space left');
  });
});

describe('disk', () => {
  it.each([
    [72e9, 'ok'],
    [600e6, 'warning'],
    [100e6, 'error'],
  ])('%d bytes on this machine: %s', (freeBytes, level) => {
    const [said] = judgeClientDisk({ directory: '/a b', freeBytes });
    expect(said?.level).toBe(level);
    if (level !== 'ok') expect(said?.mend).toBe("du -xhd1 '/a b' | sort -h | tail");
  });

  it.each([
    [60e9, 'ok', undefined],
    [40e9, 'warning', 'wants 51.0 GB free'],
    [2e9, 'warning', 'too little'],
    [100e6, 'error', 'too little'],
  ])('%d bytes on the builder: %s', (freeBytes, level, words) => {
    const [said] = judgeBuilderDisk(DEFAULT, { freeBytes, totalBytes: 252e9 });
    expect(said?.level).toBe(level);
    if (words !== undefined) expect(said?.says).toContain(words);
  });

  it('reads what the probe prints, and nothing else', () => {
    const window = { beforeMs: 1, afterMs: 2 };
    expect(readAnswer('slipway-doctor 1795969800 246000000 72000000', window)).toEqual({
      builderMs: 1_795_969_800_000,
      totalBytes: 246_000_000 * 1024,
      freeBytes: 72_000_000 * 1024,
      ...window,
    });
    expect(readAnswer('slipway-doctor 1795969800', window)).toBeUndefined();
  });
});

describe('clock', () => {
  const at = 1_795_969_800_000;
  it.each([
    ['the same', 0, 'ok', ''],
    ['a minute off', 60, 'ok', ''],
    ['two minutes ahead', 120, 'warning', 'is 120 s behind that of'],
    ['two minutes behind', -121, 'warning', 'is 120 s ahead of that of'],
    ['ten days ahead', 864_000, 'error', 'is 864000 s behind'],
    ['ten minutes behind', -601, 'error', 'is 600 s ahead of'],
  ])('%s', (_, seconds, level, words) => {
    const said = judgeClock('the store', { theirMs: at + seconds * 1000, beforeMs: at, afterMs: at });
    expect(said.level).toBe(level);
    expect(said.says).toContain(words);
  });

  it('a slow answer is no difference', () => {
    const said = judgeClock('the builder', { theirMs: at + 200_000, beforeMs: at, afterMs: at + 400_000 });
    expect(said.level).toBe('ok');
  });
});

describe('config', () => {
  const plain = { file: undefined, problem: undefined, warnings: [], isStoreDefault: true, isCi: false };

  it('a store on the runner is a warning in CI only', () => {
    expect(judgeConfiguration(plain).map(({ level }) => level)).toEqual(['info']);
    expect(judgeConfiguration({ ...plain, isCi: true })[0]).toMatchObject({ level: 'warning' });
    expect(judgeConfiguration({ ...plain, isCi: true, isStoreDefault: false })[0]).toMatchObject({ level: 'ok' });
  });

  it('tells a faulty file once, with what to write', () => {
    const problem = new SlipwayError('CONFIG_INVALID', '.slipway.yaml:3: `guard` can’t be `maybe`', {
      hint: 'Write true or false.',
    });
    const said = judgeConfiguration({ ...plain, problem, warnings: ['variable `SLIPWAY_STOR` is not read'] });
    expect(said.map(({ level }) => level)).toEqual(['warning', 'error']);
    expect(said[1]?.says).toMatch(/maybe.*Write true or false/);
  });
});

describe('public', () => {
  const spec = parseStoreSpec('type=s3,bucket=my-cache');
  const exposure = { store: 's3://my-cache', seenBy: 'a key was given' } as const;
  const why = 'GOPRIVATE names the module example.com/app';

  it.each([
    ['no', why, false, 'ok', "can't be read without a login: a key was given"],
    ['unknown', why, false, 'info', 'nobody knows'],
    ['yes', undefined, false, 'ok', 'nothing says that the code is private'],
    ['yes', why, true, 'info', `the code is private: ${why}`],
    ['yes', why, false, 'error', 'Nothing is saved there without `--allow-public`'],
  ] as const)('readable: %s, private: %s, allowed: %s: %s', (readable, reason, isAllowed, level, says) => {
    const said = judgeExposure({ ...exposure, readable }, spec, { why: reason, isAllowed });
    expect(said.level).toBe(level);
    expect(said.says).toContain(says);
    expect(said.mend?.split(' ').slice(0, 5).join(' ')).toBe(
      level === 'error' ? 'aws s3api put-public-access-block --bucket my-cache' : undefined,
    );
  });

  it('has a command for buckets of Google too, and none for registries', () => {
    const mendOf = (text: string): string | undefined =>
      judgeExposure({ ...exposure, readable: 'yes' }, parseStoreSpec(text), { why, isAllowed: false }).mend;
    expect(mendOf('gs://my-cache/app')).toBe('gcloud storage buckets update gs://my-cache --public-access-prevention');
    expect(mendOf('oci://registry.example.com/app/cache')).toBeUndefined();
  });
});

describe('credentials', () => {
  it('say where from, or how to log in', () => {
    expect(judgeLogin('ghcr.io', '/h/.docker/config.json')).toMatchObject({ level: 'ok' });
    expect(judgeLogin('ghcr.io', undefined)).toMatchObject({ level: 'info', mend: 'docker login ghcr.io' });
  });

  it("of GitHub's cache are a token that only actions get", () => {
    expect(judgeJobToken({ ACTIONS_RUNTIME_TOKEN: 'x' }, false).level).toBe('ok');
    expect(judgeJobToken({}, true).level).toBe('ok');
    expect(judgeJobToken({ GITHUB_ACTIONS: 'true' }, false)).toMatchObject({
      level: 'error',
      says: expect.stringContaining('ghaction-github-runtime'),
    });
    expect(judgeJobToken({}, false).says).toContain('no job of GitHub Actions');
  });
});

describe('permissions', () => {
  const mine = { directory: '/c/slipway', existing: '/c/slipway', ownerId: 1000, userId: 1000, isWritable: true };

  it('of the directory', () => {
    expect(judgeDirectory(mine).level).toBe('ok');
    expect(judgeDirectory({ ...mine, existing: '/c' }).says).toBe('/c/slipway is made by the first run');
    expect(judgeDirectory({ ...mine, ownerId: 0, isWritable: false })).toMatchObject({
      level: 'error',
      mend: 'sudo chown -R "$(id -u):$(id -g)" /c/slipway',
    });
    expect(judgeDirectory({ ...mine, userId: 0 })).toMatchObject({ level: 'warning' });
  });

  it('of a socket', () => {
    expect(judgeSocket('/var/run/docker.sock', undefined)).toBeUndefined();
    expect(judgeSocket('/var/run/docker.sock', 'ENOENT')).toBeUndefined();
    expect(judgeSocket('/var/run/docker.sock', 'EACCES')?.mend).toContain('usermod -aG docker');
    expect(judgeSocket('/run/buildkit/b.sock', 'EACCES')?.mend).toContain('chgrp');
  });

  it('for a buildkitd of our own', () => {
    const all = ['buildkitd', 'buildctl', 'runc', 'unshare'];
    expect(judgeEmbedded({ programs: all, isRoot: true, isUsed: true })[0]?.level).toBe('ok');
    expect(judgeEmbedded({ programs: all, isRoot: false, isUsed: false })[0]).toMatchObject({
      level: 'info',
      says: expect.stringContaining('rootlesskit, newuidmap, newgidmap are not on PATH'),
    });
    expect(judgeEmbedded({ programs: all.slice(0, 3), isRoot: true, isUsed: true })[0]?.level).toBe('warning');
    expect(judgeEmbedded({ programs: ['buildctl', 'runc'], isRoot: true, isUsed: false })[0]?.says).toContain(
      'buildkitd is not on PATH',
    );
  });
});

describe('store', () => {
  const denied = new SlipwayError('STORE_DENIED', '403', { hint: 'Ask for it.' });
  const dead = new SlipwayError('STORE_UNREACHABLE', 'refused');
  it.each([
    ['type=registry,ref=ghcr.io/a/b', denied, 'docker login ghcr.io'],
    ['type=registry,ref=ghcr.io/a/b', dead, 'curl -sv https://ghcr.io/v2/'],
    ['type=s3,bucket=bbb,region=eu-west-1', denied, 'aws sts get-caller-identity'],
    ['type=gcs,bucket=bbb', dead, 'gcloud storage ls gs://bbb'],
    ['type=local,dest=/x', denied, 'sudo chown -R "$(id -u):$(id -g)" /x'],
  ])('%s, %s', (spec, error, mend) => {
    expect(judgeFault(parseStoreSpec(spec), 'it fails', error).mend).toBe(mend);
  });
});

describe('no-cache', () => {
  const habit = {
    kind: 'no-cache' as const,
    file: 'Makefile',
    line: 3,
    text: '\tdocker build --no-cache .',
    label: '`Makefile`',
  };

  it('gives a command that takes it out, and none that it is not sure of', () => {
    expect(judgeHabits([])[0]?.level).toBe('ok');
    expect(judgeHabits([habit])[0]).toMatchObject({ level: 'warning', mend: "sed -i '3s/ --no-cache//' Makefile" });
    expect(judgeHabits([{ ...habit, text: '\tdocker build --no-cache-filter=a .' }])[0]?.mend).toBeUndefined();
    expect(judgeHabits([{ ...habit, text: 'no-cache: true', file: 'ci.yml' }])[0]?.mend).toBeUndefined();
    expect(judgeHabits([{ ...habit, kind: 'prune', text: 'docker builder prune -af' }])[0]?.mend).toBe(
      "sed -i '3s/ prune/ prune --filter until=336h/' Makefile",
    );
  });

  it('shows ten at most', () => {
    const said = judgeHabits(Array.from({ length: 13 }, () => habit));
    expect(said).toHaveLength(11);
    expect(said[10]?.says).toBe('and 3 more like these');
  });
});
