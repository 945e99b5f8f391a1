import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { baseImagesDirectory } from '../test/helpers/base-images.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import type { ImageBench } from './lib/base-image/image-bench.ts';
import { makeImages } from './lib/base-image/make-images.ts';
import { fillSeed, measureBuild } from './lib/base-image/measure-build.ts';
import { measurePull } from './lib/base-image/measure-pull.ts';
import { renderBaseImages } from './lib/base-image/render-base-image.ts';
import {
  type BaseImageResults,
  type BuildSample,
  formatResults,
  type ImageFacts,
  type Order,
  type PullSample,
} from './lib/base-image/results.ts';
import { imagesFor, type ImageVariant, VARIANTS } from './lib/base-image/variants.ts';
import { buildPackage } from './lib/builds.ts';
import { freshWorkers } from './lib/fresh-workers.ts';
import { inTurn } from './lib/in-turn.ts';
import { readMachineFacts } from './lib/machine.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';
import { HEAVY_DIRECTORY } from './lib/project.ts';
import { startStoreRegistry } from './lib/store-registry.ts';

const HELP = `What the base image costs a worker that has none: its content, its layers, their compression, and when it is pulled.
Makes the images on the spot, pulls each on fresh workers, and builds the heavy project on some, all by turns.

Usage: node bench/base-image.ts [OPTIONS]

Options:
  --repeats N     Rounds of pulls (default 5)
  --builds N      Rounds of builds of the heavy project (default 3; 0: none, and no cold build before)
  --quick         One round of each
  --only A,B      Only these images: ${VARIANTS.map(({ name }) => name).join(', ')}
  --resume        Go on where a run was broken off
  --keep DIR      Keep the images and the filled store in DIR, and take from there what it holds already
  --work DIR      Where temporary things go (default: the temporary directory)
  --out FILE      Results (default bench/results/base-image.json)
  --tables-only   Write the tables of the newest results anew
  --help          This text
`;

/** What is built as a whole: the official image in all orders, and what could take its place. */
const BUILDS: readonly (readonly [variant: string, order: Order])[] = [
  ['debian-gzip', 'beside'],
  ['alpine-gzip', 'beside'],
  ['debian-estargz', 'beside'],
  ['debian-gzip', 'packs-first'],
  ['debian-zstd', 'beside'],
  ['debian-gzip', 'base-first'],
  ['lean-zstd', 'beside'],
  ['alpine-zstd', 'beside'],
];
const PAGE = join(PROJECT_ROOT, 'docs', 'benchmarks.md');

const { values } = parseArgs({
  options: {
    repeats: { type: 'string' },
    builds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    resume: { type: 'boolean', default: false },
    keep: { type: 'string' },
    work: { type: 'string', default: tmpdir() },
    out: { type: 'string', default: join(import.meta.dirname, 'results', 'base-image.json') },
    'tables-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    process.stderr.write(`\n${name}: stopping workers\n`);
    controller.abort(new Error(name));
  });
}
const say = (line: string): void => {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
};

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 1;
});
// The registry of the test images ends with the process; an idle connection to it must not hold the process up.
process.exit();

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  if (!values['tables-only']) await measure(readOptions());
  const results = JSON.parse(await readFile(values.out, 'utf8')) as BaseImageResults;
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, replaceBetweenMarkers(page, renderBaseImages(results), 'base images'));
  process.stdout.write(`${PAGE}\n`);
}

interface Options {
  readonly pullRounds: number;
  readonly buildRounds: number;
  readonly variants: readonly ImageVariant[];
  readonly pigzDirectory: string | undefined;
}

/** The results are written after each measurement, so that a run that is broken off leaves what it has. */
async function measure({ pullRounds, buildRounds, variants, pigzDirectory }: Options): Promise<void> {
  const startedAt = new Date();
  await buildPackage();
  const workDirectory = await mkdtemp(join(values.work, 'slipway-base-image-'));
  const kept = values.keep ?? workDirectory;
  const [madeImages, seed] = [join(kept, 'images'), join(kept, 'seed')];
  const areMade = existsSync(madeImages);
  try {
    const storage = join(workDirectory, 'registry');
    await using registry = await startStoreRegistry(storage, areMade ? madeImages : baseImagesDirectory());
    const bench: ImageBench = {
      signal: controller.signal,
      workDirectory,
      registry,
      workers: freshWorkers(join(workDirectory, 'workers')),
      modules: 'zips',
      pigzDirectory,
      projectDirectory: HEAVY_DIRECTORY,
      seedDirectory: seed,
      runId: startedAt.getTime().toString(36),
      say,
    };
    if (!areMade) await makeImages(bench, registry.host, imagesFor(variants));
    if (!areMade && values.keep !== undefined) await cp(storage, madeImages, { recursive: true });
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT });
    const before = values.resume ? (JSON.parse(await readFile(values.out, 'utf8')) as BaseImageResults) : undefined;
    const about = before ?? {
      startedAt: startedAt.toISOString(),
      commit: stdout.trim(),
      machine: await readMachineFacts(workDirectory),
    };
    const images: ImageFacts[] = [...(before?.images ?? [])];
    const pulls: PullSample[] = [...(before?.pulls ?? [])];
    const builds: BuildSample[] = [...(before?.builds ?? [])];
    const keep = (): Promise<void> =>
      writeFile(values.out, formatResults({ ...about, schemaVersion: 1, images, pulls, builds }));
    if (buildRounds > 0 && !existsSync(seed)) await fillSeed(bench);
    for (let repeat = 0; repeat < Math.max(pullRounds, buildRounds); repeat += 1) {
      await bench.workers.clear(bench.signal);
      for (const variant of repeat < pullRounds ? inTurn(variants, repeat) : []) {
        if (pulls.some((one) => one.variant === variant.name && one.repeat === repeat)) continue;
        const { sample, facts } = await measurePull(bench, variant, repeat);
        pulls.push(sample);
        if (facts !== undefined) images.push(facts);
        say(`pull ${variant.name}: ${sample.seconds.toFixed(1)} s, CPU ${sample.cpuSeconds.toFixed(1)} s`);
        await keep();
      }
      if (repeat < buildRounds) await bench.workers.clear(bench.signal);
      for (const [name, order] of repeat < buildRounds ? inTurn(BUILDS, repeat) : []) {
        const variant = variants.find((one) => one.name === name);
        if (variant === undefined) continue;
        if (builds.some((one) => one.variant === name && one.order === order && one.repeat === repeat)) continue;
        const sample = await measureBuild(bench, variant, order, repeat);
        builds.push(sample);
        const parts = `${sample.restoreSeconds.toFixed(1)} + ${sample.buildSeconds.toFixed(1)}`;
        say(`build ${name} ${order}: ${sample.seconds.toFixed(1)} s = ${parts}`);
        await keep();
      }
    }
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

function readOptions(): Options {
  const names = values.only?.split(',') ?? VARIANTS.map(({ name }) => name);
  const unknown = names.filter((name) => !VARIANTS.some((variant) => variant.name === name));
  if (unknown.length > 0) throw new Error(`--only: there is no image \`${unknown.join('`, `')}\`; see --help`);
  const pigzDirectory = findPigz();
  if (pigzDirectory === undefined) say('no `unpigz` on PATH: images with pigz are left out (package pigz)');
  return {
    pullRounds: readCount('repeats', values.repeats, values.quick ? 1 : 5),
    buildRounds: readCount('builds', values.builds, values.quick ? 1 : 3),
    variants: VARIANTS.filter(({ name, hasPigz }) => names.includes(name) && !(hasPigz && pigzDirectory === undefined)),
    pigzDirectory,
  };
}

function findPigz(): string | undefined {
  const path = (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, 'unpigz'));
  const found = path.find((candidate) => existsSync(candidate));
  return found === undefined ? undefined : dirname(found);
}

function readCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new Error(`--${name}: \`${text}\` is not a whole number`);
  return Number(text);
}
