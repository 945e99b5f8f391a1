import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { machine as machineName, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { median } from '../src/bench/statistics.ts';
import { writeHelperProgram } from '../src/buildkit/helper-program.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import { removeForgotten } from './lib/fresh-workers.ts';
import { inTurn } from './lib/in-turn.ts';
import { readMachineFacts, settle } from './lib/machine.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';
import { buildCache, makePacks, type MadePack } from './lib/packs/make-packs.ts';
import { type FetchOrder, measureFetch, servePacks } from './lib/packs/measure-fetch.ts';
import { renderPacks } from './lib/packs/render-packs.ts';
import type { PacksResults, Split, SplitResult } from './lib/packs/results.ts';
import { HEAVY_DIRECTORY } from './lib/project.ts';

const HELP = `Into how many packs a build cache is best split: the heavy project's, fetched into an empty directory by the program that
does it in a builder, from a server on this machine. On this machine's processors it is measured; for 2, 4 and 8 it is
reckoned from the packs' bytes, and what one processor does of them in a second.

Usage: node bench/packs.ts [OPTIONS]      # a quarter of an hour, 25 GB of disk

Options:
  --rounds N      Rounds (default 3)
  --project DIR   Another project (default bench/heavy)
  --work DIR      Where temporary things go (default: the temporary directory)
  --tables-only   Write the table of the newest results anew
  --help          This text
`;

const SPLITS: readonly Split[] = [
  ...[1, 4, 8, 16, 32].map((packs): Split => ({ manner: 'names', packs })),
  ...[8, 16].map((packs): Split => ({ manner: 'sizes', packs })),
];
const RESULTS = join(import.meta.dirname, 'results', 'packs.json');
const PAGE = join(PROJECT_ROOT, 'docs', 'benchmarks.md');

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    project: { type: 'string', default: HEAVY_DIRECTORY },
    work: { type: 'string', default: tmpdir() },
    'tables-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(new Error(name)));
const { signal } = controller;
const say = (line: string): void => {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
};

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  if (!values['tables-only']) await writeFile(RESULTS, `${JSON.stringify(await measure(Number(values.rounds)))}\n`);
  const results = JSON.parse(await readFile(RESULTS, 'utf8')) as PacksResults;
  await writeFile(PAGE, replaceBetweenMarkers(await readFile(PAGE, 'utf8'), renderPacks(results), 'packs'));
  process.stdout.write(`${PAGE}\n`);
}

async function measure(rounds: number): Promise<PacksResults> {
  if (!(rounds >= 1)) throw new Error('--rounds: a whole number from 1 on');
  const startedAt = new Date().toISOString();
  const directory = await mkdtemp(join(values.work, 'slipway-packs-'));
  try {
    const machine = await readMachineFacts(directory);
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT });
    const splits = await measureSplits(directory, rounds);
    return { schemaVersion: 1, startedAt, commit: stdout.trim(), machine, rounds, splits };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measureSplits(directory: string, rounds: number): Promise<readonly SplitResult[]> {
  const cache = { directory: join(directory, 'gocache'), files: await build(join(directory, 'gocache')) };
  await writeHelperProgram(directory);
  const program = join(directory, 'bin', machineName());
  const made: { readonly split: Split; readonly packs: readonly MadePack[] }[] = [];
  for (const split of SPLITS) {
    const to = join(directory, `${split.manner}-${split.packs}`);
    made.push({ split, packs: await makePacks(cache, split, { program, to, signal }) });
    say(`packed by ${split.manner} into ${split.packs}`);
  }
  await using server = await servePacks(() => made.flatMap(({ packs }) => packs));
  const all = made.map(() => [] as number[]);
  const alone = made.map(({ packs }) => packs.map(() => [] as number[]));
  for (let round = 0; round < rounds; round += 1) {
    const workDirectory = join(directory, `round-${round}`);
    const order = { program, address: server.address, workDirectory, signal };
    for (const isOnOneProcessor of [false, true]) {
      await mkdir(workDirectory);
      for (const index of inTurn([...made.keys()], round)) {
        await settle(signal);
        const about: FetchOrder = { ...order, isOnOneProcessor };
        const packs = made[index]?.packs ?? [];
        if (!isOnOneProcessor) all[index]?.push(await measureFetch(packs, about));
        else
          for (const [place, pack] of packs.entries()) {
            alone[index]?.[place]?.push(await measureFetch([pack], about));
          }
      }
      await removeForgotten([workDirectory], signal);
    }
    say(`round ${round + 1} of ${rounds}: ${all.map((list) => list.at(-1)?.toFixed(2)).join(', ')} s`);
  }
  return made.map(({ split, packs }, index) => ({
    ...split,
    fetchSeconds: all[index] ?? [],
    packFacts: packs.map(({ sizeBytes, entries }, place) => ({
      packedBytes: sizeBytes,
      uncompressedBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
      entries: entries.length,
      secondsAlone: median(alone[index]?.[place] ?? []),
    })),
  }));
}

async function build(directory: string) {
  const files = await buildCache(values.project, directory, signal);
  say(`built: ${files.length} entries`);
  return files;
}
