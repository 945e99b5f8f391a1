import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DoctorDocument } from '../../src/doctor/report.ts';
import { leftOvers } from '../helpers/left-overs.ts';
import { runPlainBuild } from '../helpers/plain-build.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

const run = promisify(execFile);

const NOTHING = [{ check: 'gc-policy', level: 'ok', says: 'no rule drops cache mounts early' }];

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-gc-'));
  await writeFile(
    path.join(directory, 'Dockerfile'),
    'FROM busybox:1.37\nRUN --mount=type=cache,target=/c test -e /c/warm && echo it is warm || head -c 1000000 /dev/urandom > /c/warm\n',
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function gcFindings(worker: Worker, ...more: readonly string[]): Promise<DoctorDocument> {
  const words = ['doctor', '--check', 'gc-policy', '--format', 'json', ...more, directory];
  const { exitCode, stdout, stderr } = await runSlipway(words, { env: worker.env });
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as DoctorDocument;
}

async function cacheMounts(worker: Worker): Promise<number> {
  const { stdout } = await run(toolPath('buildctl'), ['--addr', worker.address, 'du', '--verbose']);
  return stdout.match(/^Type:\s+exec\.cachemount$/gm)?.length ?? 0;
}

/** Ages and sizes made small, so that what takes a weekend takes a second. */
function hastened(toml: string): string {
  return toml.replaceAll('"48h"', '"1s"').replaceAll('"512MB"', '1000');
}

/** Those of a generated file, for a worker whose section is there already. */
const rulesOf = (toml: string): string => toml.slice(toml.indexOf('  # Build contexts'));

it("finds BuildKit's own policy, writes one that it finds nothing in, and buildkitd takes it", async () => {
  const toml = path.join(directory, 'buildkitd.toml');
  {
    await using worker = await startWorker({ ociConfig: [] });
    const { findings } = await gcFindings(worker, '--write-buildkitd-toml', toml);
    expect(findings.map(({ level }) => level)).toEqual(['warning']);
    expect(findings[0]?.says).toMatch(/^rule 0 .*48 hours.*512 MB/);
    expect(findings[0]?.mend).toContain('--write-buildkitd-toml');
  }
  await using worker = await startWorker({ ociConfig: ['gc = true'], config: rulesOf(await readFile(toml, 'utf8')) });
  expect((await gcFindings(worker)).findings).toEqual(NOTHING);
});

it("is taken as it is by slipway's own buildkitd, as the finding there says", async () => {
  const home = { XDG_CACHE_HOME: directory, HOME: directory };
  const words = ['doctor', '--engine', 'embedded', '--check', 'gc-policy', '--format', 'json', directory];
  const before = JSON.parse((await runSlipway(words, { env: home })).stdout) as DoctorDocument;
  expect(before.findings[0]?.mend).toMatch(/&& export SLIPWAY_BUILDKITD_CONFIG=\$PWD\/buildkitd.toml$/);
  const env = { ...home, SLIPWAY_BUILDKITD_CONFIG: path.join(directory, 'buildkitd.toml') };
  const after = JSON.parse((await runSlipway(words, { env })).stdout) as DoctorDocument;
  expect(after.findings).toEqual(NOTHING);
  expect(await leftOvers(directory)).toEqual([]);
});

it('a cache mount that the default first rule drops survives with the generated rules', async () => {
  const DEFAULT_FIRST =
    '[[worker.oci.gcpolicy]]\nfilters = ["type==source.local", "type==exec.cachemount", "type==source.git.checkout"]\nkeepDuration = "48h"\nmaxUsedSpace = "512MB"\n';
  const generated = rulesOf(hastened(await readFile(path.join(directory, 'buildkitd.toml'), 'utf8')));
  const state = path.join(directory, 'state');
  for (const [rules, isKept] of [
    [generated, true],
    [hastened(DEFAULT_FIRST), false],
  ] as const) {
    {
      await using worker = await startWorker({ root: state });
      const { exitCode, log } = await runPlainBuild(worker, directory);
      expect(exitCode, log).toBe(0);
      expect(await cacheMounts(worker)).toBe(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // It collects one second after its start.
    await using worker = await startWorker({ root: state, ociConfig: ['gc = true'], config: rules });
    const deadline = performance.now() + (isKept ? 4000 : 15_000);
    while (performance.now() < deadline && (await cacheMounts(worker)) === 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await cacheMounts(worker)).toBe(isKept ? 1 : 0);
  }
});
