import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { EDITS } from './edits.ts';
import { measureAlreadyWarm } from './lib/already-warm.ts';
import { type BenchContext, openSampleLog } from './lib/bench-context.ts';
import {
  makeSeed,
  measureColdAndPersistent,
  measureColdWithBase,
  measureCopy,
  measurePullAndWarm,
  measureStart,
  measureWarmMissing,
  seedPaths,
} from './lib/cases.ts';
import { buildPackage } from './lib/builds.ts';
import { freshWorkers } from './lib/fresh-workers.ts';
import { readMachineFacts } from './lib/machine.ts';
import { HEAVY_DIRECTORY, readProjectFacts } from './lib/project.ts';
import { CASES, type CaseLetter, type Results, samplesOf } from './lib/results.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

const HELP = `Measures slipway on the heavy project, side by side with what it is compared to.

Usage: node bench/run.ts [OPTIONS]

Cases, by turns in each round:
  a  cold build on a fresh worker, base image missing (and, in the first rounds, present)
  b  the same worker afterwards, one-line edits: the persistent builder
  c  fresh worker with the base image: restore, one-line edit, build, save
  d  the same with the base image missing (the widely imported package in the first round only)
  e  pull of the base image alone
  f  whole directories copied in and out the usual way
  g  \`slipway restore\` where the mounts hold the snapshot already, against an empty helper build
  h  the first, cold build with slipway and its save; always made when c, d or g needs its store
  i  \`slipway --help\` from source and bundled, against \`node -e 0\`
  j  nothing changed since the cold build: the persistent builder, and a fresh worker with the layers as a cache

Options:
  --repeats N       Rounds (default 5)
  --cold-base N     Rounds in which a is also measured with the base image present (default 1)
  --copy-repeats N  Rounds in which f is measured (default: as --repeats)
  --copy-cap S      Seconds after which copying out is cut off (default 45)
  --only a,c        Only these cases
  --quick           One round, edit in main only, copying out cut off after 20 s
  --modules KIND    What slipway moves of modules: zips (default) or trees
  --resume          Go on where a run was broken off
  --project DIR     Another project with the same three constants, for trying the harness (default bench/heavy)
  --work DIR        Temporary things, removed after a whole run (default slipway-bench in the temporary directory)
  --out FILE        Results (default bench/results/<date>.json)
  --help            This text
`;

const run = promisify(execFile);
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    process.stderr.write(`\n${name}: stopping workers\n`);
    controller.abort(new Error(name));
  });
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 1;
});
// The base images' registry ends with the process; an idle connection to it must not hold the process up.
process.exit();

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const startedAt = new Date();
  const workDirectory = options.work;
  await mkdir(workDirectory, { recursive: true });
  const samples = await openSampleLog(join(workDirectory, 'samples.jsonl'), options.isResumed);
  const context: BenchContext = {
    signal: controller.signal,
    projectDirectory: options.project,
    workDirectory,
    runId: startedAt.getTime().toString(36),
    copyCapSeconds: options.copyCap,
    workers: freshWorkers(join(workDirectory, 'workers')),
    modules: options.modules,
    samples,
    say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
  };
  const machine = await readMachineFacts(workDirectory);
  context.say(`disk writes ${Math.round(machine.diskWriteBytesPerSecond / 1e6)} MB/s`);
  await buildPackage();
  await runRounds(context, options);
  const wallSeconds = (Date.now() - startedAt.getTime()) / 1000;
  const sizes = samplesOf(samples.all(), 'seed', 'sizes')[0]?.values ?? {};
  const results: Results = {
    schemaVersion: 1,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    wallSeconds,
    commit: (await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: PROJECT_ROOT })).stdout.trim(),
    repeats: options.repeats,
    ...(options.modules === 'zips' ? {} : { modules: options.modules }),
    machine,
    project: { ...(await readProjectFacts(options.project)), ...sizes },
    samples: samples.all(),
  };
  await mkdir(join(options.out, '..'), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(results, undefined, 1)}\n`);
  await rm(workDirectory, { recursive: true, force: true });
  context.say(
    `${samples.all().length} samples in ${options.out}; the run took ${(wallSeconds / 60).toFixed(1)} minutes`,
  );
  context.say('table: node bench/report.ts');
}

interface Options {
  readonly repeats: number;
  readonly coldBase: number;
  readonly copyRepeats: number;
  readonly copyCap: number;
  readonly cases: ReadonlySet<CaseLetter>;
  readonly modules: 'zips' | 'trees';
  readonly isQuick: boolean;
  readonly isResumed: boolean;
  readonly project: string;
  readonly work: string;
  readonly out: string;
}

async function runRounds(context: BenchContext, options: Options): Promise<void> {
  const wants = (letter: CaseLetter): boolean => options.cases.has(letter);
  const edits = EDITS.filter((edit) => !options.isQuick || edit.name === 'main').map((edit) => edit.name);
  if (wants('i')) await measureStart(context, 15);
  const needsStore = wants('c') || wants('d') || wants('g') || wants('h') || wants('j');
  const seed = seedPaths(context);
  const hasSeed =
    options.isResumed &&
    existsSync(seed.cacheDirectory) &&
    (!needsStore || existsSync(seed.storeDirectory)) &&
    (!wants('j') || existsSync(seed.layerDirectory));
  if ((needsStore || wants('f')) && !hasSeed) {
    await makeSeed(context, { withSlipway: needsStore, withLayers: wants('j') });
  }
  if (wants('g')) await measureAlreadyWarm(context, options.repeats);
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    context.say(`round ${repeat + 1} of ${options.repeats}`);
    await context.workers.clear(context.signal);
    if (wants('a') || wants('b') || wants('j'))
      await measureColdAndPersistent(context, repeat, { unchanged: wants('j') });
    if (wants('a') && repeat < options.coldBase) await measureColdWithBase(context, repeat);
    for (const edit of edits) {
      if (wants('c') || wants('e')) {
        await measurePullAndWarm(context, repeat, { edit, pull: wants('e'), warm: wants('c') });
      }
      // Once is enough for what no goal rests on.
      if (wants('d') && (edit !== 'wide' || repeat === 0)) await measureWarmMissing(context, repeat, edit);
    }
    if (wants('f') && repeat < options.copyRepeats) await measureCopy(context, repeat);
  }
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      repeats: { type: 'string' },
      'cold-base': { type: 'string' },
      'copy-repeats': { type: 'string' },
      'copy-cap': { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      modules: { type: 'string', default: 'zips' },
      resume: { type: 'boolean', default: false },
      project: { type: 'string' },
      work: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const letters = values.only === undefined ? Object.keys(CASES) : values.only.split(',');
  const unknown = letters.filter((letter) => !(letter in CASES));
  if (unknown.length > 0) throw new Error(`--only: there is no case ${unknown.join(', ')}; see --help`);
  const repeats = readCount('repeats', values.repeats, values.quick ? 1 : 5);
  if (values.modules !== 'zips' && values.modules !== 'trees') throw new Error('--modules: `zips` or `trees`');
  const prefix = values.modules === 'zips' ? '' : 'trees-';
  return {
    repeats,
    modules: values.modules,
    coldBase: readCount('cold-base', values['cold-base'], values.quick ? 0 : 1),
    copyRepeats: readCount('copy-repeats', values['copy-repeats'], repeats),
    copyCap: readCount('copy-cap', values['copy-cap'], values.quick ? 20 : 45),
    cases: new Set(letters as CaseLetter[]),
    isQuick: values.quick,
    isResumed: values.resume,
    project: values.project ?? HEAVY_DIRECTORY,
    work: values.work ?? join(tmpdir(), 'slipway-bench'),
    out: values.out ?? join(import.meta.dirname, 'results', `${prefix}${new Date().toISOString().slice(0, 10)}.json`),
  };
}

function readCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new Error(`--${name}: \`${text}\` is not a whole number`);
  return Number(text);
}
