import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/doctor/checks.ts';
import type { DoctorDocument } from '../../src/doctor/report.ts';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { startRegistry } from '../helpers/registry.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

const run = promisify(execFile);
const MIB = 1 << 20;

/** A worker whose state lies on a disk that can be made as small as a test wants. */
let disk: string;
let home: string;
let worker: Worker;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-home-'));
  await mkdir(path.join(home, 'tmp'));
  disk = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${6000 * MIB}`, 'slipway-test', disk]);
  worker = await startWorker({ root: path.join(disk, 'state') });
});
afterAll(async () => {
  await worker?.stop();
  await run('umount', ['--lazy', disk]);
  for (const directory of [disk, home]) await rm(directory, { recursive: true, force: true });
});

async function examine(
  checks: string,
  { env = worker.env, flags = [] }: { env?: Readonly<Record<string, string>>; flags?: readonly string[] } = {},
): Promise<DoctorDocument & { exitCode: number | null; stderr: string }> {
  const words = ['doctor', '--format', 'json', ...(checks === 'all' ? [] : ['--check', checks]), ...flags, home];
  const own = { HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), TMPDIR: path.join(home, 'tmp') };
  const { exitCode, stdout, stderr } = await runSlipway(words, { env: { ...own, ...env } });
  if (stdout === '') throw new Error(`exit ${exitCode}: ${stderr}`);
  return { ...(JSON.parse(stdout) as DoctorDocument), exitCode, stderr };
}

const told = ({ findings }: DoctorDocument): readonly string[] =>
  findings.map(({ check, level }) => `${check} ${level}`);

async function leaveFree(bytes: number): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(disk);
  await run('mount', ['-o', `remount,size=${(blocks - bfree) * bsize + bytes}`, disk]);
}

it('a machine in good health: every check has looked, and nothing is left behind', async () => {
  const examined = await examine('all');
  expect([examined.exitCode, examined.counts.error, examined.counts.warning], JSON.stringify(examined)).toEqual([
    0, 0, 0,
  ]);
  expect(new Set(examined.findings.map(({ check }) => check))).toEqual(new Set(CHECKS.map(({ id }) => id)));
  expect(examined.findings.filter(({ says }) => says.startsWith('not looked at')).map(({ check }) => check)).toEqual([
    // The home directory is no repository.
    'no-cache',
  ]);
  // What Node keeps of slipway's own code doesn't count.
  const left = (await readdir(home, { recursive: true })).filter(
    (file) => !/^cache(?:\/slipway(?:\/code.*)?)?$/.test(file),
  );
  expect(left).toEqual(['tmp']);
});

it.each([
  [2000, 'warning', 0],
  [100, 'error', 1],
])('%i MiB are left on the builder: %s', async (mib, level, exitCode) => {
  // The image that the probe runs in is there by then.
  await examine('helper-build');
  await leaveFree(mib * MIB);
  const examined = await examine('disk');
  await leaveFree(4000 * MIB);
  expect([examined.exitCode, told(examined)]).toEqual([exitCode, ['disk ok', `disk ${level}`]]);
  expect(examined.findings[1]?.says).toMatch(/too little for the Go caches/);
  expect(examined.findings[1]?.mend).toBe(`buildctl --addr ${worker.address} du --verbose`);
});

it('a clock that is ten days slow is told against the builder and the registry', async () => {
  const registry = await startRegistry({ program: 'registry' });
  try {
    const slow = 'const now = Date.now; Date.now = () => now() - 864e6';
    const env = { ...worker.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slow)}` };
    const flags = ['--store', `type=registry,ref=${registry.host}/cache`];
    const examined = await examine('clock', { env, flags });
    expect([examined.exitCode, told(examined)]).toEqual([1, ['clock error', 'clock error']]);
    for (const { says } of examined.findings) expect(says).toMatch(/clock is 86\d{4} s behind that of/);
  } finally {
    await registry.stop();
  }
});

it('buildx says the same of its builder', async () => {
  await using buildx = await makeBuildxHome();
  await using policed = await startWorker({ ociConfig: [] });
  await buildx.use('ci', policed.address);
  const env = { ...buildx.env };
  const examined = await examine('builder,helper-build,version,gc-policy', { env, flags: ['--builder', 'ci'] });
  expect(told(examined)).toEqual(['builder ok', 'helper-build ok', 'version ok', 'gc-policy warning']);
  expect(examined.findings[0]?.says).toMatch(/builder ci \(remote\), BuildKit v\d/);
});

describe('a builder that can not pull', () => {
  it('is told once; what needs a build says that it did not look', async () => {
    await using apart = await startWorker({ mirror: 'none' });
    const examined = await examine('helper-build,disk,clock,gc-policy', { env: apart.env });
    expect([examined.exitCode, told(examined)]).toEqual([
      0,
      ['helper-build warning', 'gc-policy info', 'disk ok', 'disk info', 'clock ok', 'clock info'],
    ]);
    expect(examined.findings[0]?.says).toMatch(/can't pull the helper image.*busybox/);
  });
});
