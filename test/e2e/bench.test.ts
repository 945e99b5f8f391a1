import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResults } from '../../src/bench/read-results.ts';
import type { BenchResults, BenchSample, ScenarioName, StrategyName } from '../../src/bench/results.ts';
import { photograph, writeBenchApp } from '../helpers/bench-app.ts';
import { makeEmbeddedHome, type EmbeddedHome } from '../helpers/embedded-home.ts';
import { leftOvers } from '../helpers/left-overs.ts';
import { startRegistry } from '../helpers/registry.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { runSlipway, type RunSlipwayOptions, type SlipwayRun } from '../helpers/run-slipway.ts';
import { startGoWorker } from '../helpers/kept-state.ts';
import { someOf } from '../helpers/some-of.ts';

/** Cold builds of a dozen workers; on a busy machine they take their time. */
const LONG = 900_000;

let directory: string;
let home: EmbeddedHome;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-bench-'));
  home = await makeEmbeddedHome();
});

afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function bench(words: readonly string[], options: RunSlipwayOptions = {}): Promise<SlipwayRun> {
  return runSlipway(['bench', ...words], { ...options, env: { ...home.env, ...options.env } });
}

/** Neither copies of the tree nor workers, mounts or processes. What an interrupt had no time for goes within seconds after it. */
async function expectNothingLeft(): Promise<void> {
  const place = path.join(home.directory, 'slipway', 'bench');
  await expect.poll(() => readdir(place), { timeout: 300_000, interval: 500 }).toEqual([]);
  await expect.poll(() => leftOvers(place), { timeout: 300_000, interval: 500 }).toEqual([]);
}

/** CI takes one of the further strategies, drawn by the seed; the long runs all. */
const TAKEN: readonly StrategyName[] = [
  'none',
  'slipway',
  ...seededSample<StrategyName>(['mounts', 'mounts-ephemeral', 'layers', 'copy', 'builder-image', 'hybrid'], 1),
];
const taken = (...names: StrategyName[]): readonly StrategyName[] => names.filter((name) => TAKEN.includes(name));

describe(`strategies (seed ${SLICE_SEED})`, () => {
  let app: string;
  let results: BenchResults;
  let before: Readonly<Record<string, string>>;
  let ended: SlipwayRun;

  beforeAll(async () => {
    app = await writeBenchApp(path.join(directory, 'app'));
    before = await photograph(app);
    const registry = await startRegistry({ program: 'registry' });
    try {
      const out = path.join(directory, 'results.json');
      const flags = [
        '--strategy',
        TAKEN.join(),
        '--scenario',
        'no-change,edit-main',
        '--repeats',
        '1',
        '--registry',
        `${registry.host}/skiff/bench`,
      ];
      ended = await bench([...flags, '--out', out, app]);
      expect(ended.exitCode, ended.stderr).toBe(0);
      results = readResults(await readFile(out, 'utf8'), out);
    } finally {
      await registry.stop();
    }
  }, LONG);

  const sample = (strategy: StrategyName, scenario: ScenarioName, isWarmUp = false): BenchSample => {
    const found = results.samples.filter(
      (one) => one.strategy === strategy && one.scenario === scenario && one.isWarmUp === isWarmUp,
    );
    expect(found, `${strategy} ${scenario}\n${ended.stderr}`).toHaveLength(1);
    return found[0] as BenchSample;
  };
  /** The steps whose command matches, and whether each came from a cache. */
  const cached = (one: BenchSample, command: RegExp): readonly boolean[] =>
    one.steps.filter(({ name }) => command.test(name)).map(({ isCached }) => isCached);
  const COMPILE = /go build -o/;
  const DOWNLOAD = /go mod download/;
  const all = (): number => sample('slipway', 'cold', true).packagesCompiled ?? 0;

  it('leaves out nothing, and tells of machine and project', () => {
    expect(results.left).toEqual([]);
    expect(results).toMatchObject({ isPartial: false, isolation: 'fresh-workers', repeats: 1 });
    expect(results.project).toMatchObject({ module: 'example.com/skiff', program: '.', isDirty: true, modules: 1 });
    expect(results.project.revision).toMatch(/^[0-9a-f]{40}$/);
    expect(results.samples.filter(({ isWarmUp }) => !isWarmUp)).toHaveLength(2 * TAKEN.length);
    expect(all()).toBeGreaterThan(30);
  });

  it.each(taken('none', 'mounts-ephemeral'))('%s compiles everything, whatever changed', (name) => {
    for (const scenario of ['no-change', 'edit-main'] as const) {
      const one = sample(name, scenario);
      expect(cached(one, COMPILE)).toEqual([false]);
      expect(one.packagesCompiled).toBe(all());
      expect([one.bytesDown, one.bytesUp, one.bytesStored]).toEqual([0, 0, 0]);
    }
  });

  it.each(taken('mounts', 'hybrid', 'slipway', 'copy', 'builder-image'))(
    '%s compiles what an edit reaches, and nothing else',
    (name) => {
      expect(sample(name, 'edit-main').packagesCompiled).toBe(1);
      expect(cached(sample(name, 'edit-main'), COMPILE)).toEqual([false]);
    },
  );

  it.each(taken('mounts', 'hybrid', 'layers'))('%s runs no step where nothing changed', (name) => {
    const one = sample(name, 'no-change');
    expect(cached(one, COMPILE)).toEqual([true]);
    expect(one.packagesCompiled).toBe(0);
  });

  it.each(taken('layers', 'hybrid'))('%s downloads no module for an edit', (name) => {
    expect(cached(sample(name, 'edit-main'), DOWNLOAD)).toEqual([true]);
    if (name === 'layers') expect(sample(name, 'edit-main').packagesCompiled).toBe(all());
  });

  it('counts what moved, where something moves', () => {
    for (const name of taken('slipway', 'copy', 'builder-image', 'layers')) {
      const one = sample(name, 'edit-main');
      expect(one.bytesDown, `${name} down`).toBeGreaterThan(10_000);
      expect(one.bytesStored, `${name} stored`).toBeGreaterThan(100_000);
      if (name === 'builder-image') expect(one.bytesUp).toBe(0);
      else expect(one.bytesUp, `${name} up`).toBeGreaterThan(1000);
    }
    // A snapshot of what is new is far smaller than the directories.
    for (const name of taken('copy')) {
      expect(sample('slipway', 'edit-main').bytesUp).toBeLessThan(sample(name, 'edit-main').bytesUp / 10);
    }
    for (const name of taken('mounts', 'none')) {
      expect(sample(name, 'edit-main')).toMatchObject({ bytesDown: 0, bytesUp: 0, bytesStored: 0 });
    }
  });

  it('gives the seconds by part', () => {
    for (const { seconds, phases, strategy, scenario } of results.samples) {
      expect(Math.abs(seconds - phases.before - phases.build - phases.after)).toBeLessThan(0.01);
      if (scenario === 'cold') continue;
      expect(phases.before > 0, `${strategy} before`).toBe(strategy === 'slipway' || strategy === 'copy');
    }
  });

  it('prints a table and a recommendation, and says how far it is', () => {
    expect(ended.stdout).toMatch(/^edit-main$/m);
    expect(ended.stdout).toMatch(/^recommendation$/m);
    expect(ended.stderr).toContain(`[${results.samples.length}/${results.samples.length}]`);
  });

  it('writes nothing into the tree, and leaves nothing behind', async () => {
    expect(await photograph(app)).toEqual(before);
    await expectNothingLeft();
  });
});

/** CI takes one of the changes that reach further than `main`, drawn by the seed. */
const FURTHER = seededSample<ScenarioName>(['dependency-bump', 'go-flags'], 1);

describe(`besides (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it(
      'Ctrl-C ends workers, keeps what was measured, and leaves the tree as it was',
      async () => {
        const app = await writeBenchApp(path.join(directory, 'interrupted'));
        const before = await photograph(app);
        const out = path.join(directory, 'partial.json');
        let pid = 0;
        let hasSent = false;
        let said = '';
        const ended = await bench(
          ['--strategy', 'mounts', '--scenario', 'edit-main,no-change', '--repeats', '50', '--out', out, app],
          {
            onStart: (child) => {
              pid = child;
            },
            onStderr: (text) => {
              said += text;
              // In the middle of the third build: the fill and one more are done.
              if (hasSent || !said.includes('[  3/101] mounts')) return;
              hasSent = true;
              process.kill(pid, 'SIGINT');
            },
          },
        );
        expect(ended.exitCode, ended.stderr).toBe(130);
        const results = readResults(await readFile(out, 'utf8'), out);
        expect(results.isPartial).toBe(true);
        expect(results.samples).toHaveLength(2);
        expect(await photograph(app)).toEqual(before);
        await expectNothingLeft();
      },
      LONG,
    );

    it(
      "a builder of one's own is shared by samples in cache mounts of their own, and is not stopped",
      async () => {
        const app = await writeBenchApp(path.join(directory, 'shared'));
        await using worker = await startGoWorker();
        const out = path.join(directory, 'shared.json');
        const strategies = 'mounts,mounts-ephemeral,slipway,layers';
        const flags = [
          '--strategy',
          strategies,
          '--scenario',
          ['edit-main', ...FURTHER].join(),
          '--repeats',
          '1',
          '--out',
          out,
        ];
        const ended = await bench([...flags, app], { env: worker.env });
        expect(ended.exitCode, ended.stderr).toBe(0);
        const results = readResults(await readFile(out, 'utf8'), out);
        expect(results.isolation).toBe('mount-namespaces');
        expect(results.left).toEqual(['layers: a builder that is not empty has the layers itself']);
        const compiled = (strategy: StrategyName, scenario: ScenarioName): number | undefined =>
          results.samples.find((one) => !one.isWarmUp && one.strategy === strategy && one.scenario === scenario)
            ?.packagesCompiled;
        const all = compiled('mounts-ephemeral', 'edit-main') ?? 0;
        expect(all).toBeGreaterThan(30);
        expect(compiled('mounts', 'edit-main')).toBe(1);
        expect(compiled('slipway', 'edit-main')).toBe(1);
        if (FURTHER.includes('go-flags')) {
          for (const strategy of ['mounts', 'mounts-ephemeral', 'slipway'] as const)
            expect(compiled(strategy, 'go-flags'), strategy).toBe(all);
        }
        if (FURTHER.includes('dependency-bump')) {
          // The package of the newer version, and main, which imports it; perhaps one more of the standard library.
          for (const strategy of ['mounts', 'slipway'] as const) {
            expect(compiled(strategy, 'dependency-bump'), strategy).toBeGreaterThanOrEqual(2);
            expect(compiled(strategy, 'dependency-bump'), strategy).toBeLessThan(10);
          }
        }
        expect(await readFile(`/proc/${worker.pid}/comm`, 'utf8')).toBe('buildkitd\n');
        await expectNothingLeft();
      },
      LONG,
    );

    it(
      'a repository that does not build is told with the lines of the compiler before anything is measured',
      async () => {
        const app = await writeBenchApp(path.join(directory, 'broken'));
        await writeFile(path.join(app, 'main.go'), 'package main\n\nfunc main() { undefinedName() }\n');
        const before = await photograph(app);
        const ended = await bench(['--quick', '--strategy', 'slipway,mounts', app]);
        expect(ended.exitCode, ended.stderr).toBe(1);
        expect(ended.stderr).toContain('the repository does not build with its own Dockerfile');
        expect(ended.stderr).toContain('main.go:3:15: undefined: undefinedName');
        expect(ended.stderr).toContain('[BUILD_FAILED]');
        expect(ended.stderr).not.toContain('[2/');
        expect(ended.stdout).toBe('');
        expect(await photograph(app)).toEqual(before);
        await expectNothingLeft();
      },
      LONG,
    );
  });
});
