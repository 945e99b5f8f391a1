import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import type { BuildContext } from './lib/bench-context.ts';
import { buildPackage } from './lib/builds.ts';
import { readMachineFacts } from './lib/machine.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';
import { HEAVY_DIRECTORY } from './lib/project.ts';
import { addImages, fillStore } from './lib/transport/fill-store.ts';
import { measureTransport } from './lib/transport/measure-transport.ts';
import { renderTransport } from './lib/transport/render-transport.ts';
import { TRANSPORTS, type TransportResults, type TransportSample } from './lib/transport/results.ts';
import { canLimitDisks } from './lib/transport/slow-disk.ts';

const HELP = `The packs of a snapshot injected by slipway, against the same packs mounted as the layers of an image by plain
BuildKit (\`from=\`): the heavy project, a one-line edit, a fresh worker that has the base image.

Usage: node bench/transport.ts [OPTIONS]      # as root; 15 GB of disk

Options:
  --repeats N       Rounds (default 3)
  --disks A,B       Limits of the worker's disk in MB a second, 0 for none (default 0,100,30)
  --modules A,B     What slipway moves of modules: zips, trees (default both)
  --quick           One round, the disk as it is
  --tables-only     Write the table of the newest results anew
  --project DIR     Another project with the same constant, for trying the harness (default bench/heavy)
  --work DIR        Temporary things, removed at the end (default slipway-transport in the temporary directory)
  --out FILE        Results; only those in bench/results/transport.json become a table
  --help            This text
`;

const RESULTS = join(import.meta.dirname, 'results', 'transport.json');
const PAGE = join(PROJECT_ROOT, 'docs', 'benchmarks.md');

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    process.stderr.write(`\n${name}: stopping the worker\n`);
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
  if (!options.tablesOnly) await writeFile(options.out, formatResults(await measure(options)));
  if (options.out !== RESULTS) return;
  const results = JSON.parse(await readFile(RESULTS, 'utf8')) as TransportResults;
  await writeFile(PAGE, replaceBetweenMarkers(await readFile(PAGE, 'utf8'), renderTransport(results), 'transport'));
  process.stdout.write(`${PAGE}\n`);
}

async function measure(options: Options): Promise<TransportResults> {
  const startedAt = new Date();
  await mkdir(options.work, { recursive: true });
  try {
    await buildPackage();
    const machine = await readMachineFacts(options.work);
    const samples: TransportSample[] = [];
    for (const modules of options.modules) samples.push(...(await measureModules(options, modules, startedAt)));
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT });
    return { schemaVersion: 1, commit: stdout.trim(), startedAt: startedAt.toISOString(), machine, samples };
  } finally {
    await rm(options.work, { recursive: true, force: true });
  }
}

async function measureModules(
  options: Options,
  modules: Modules,
  startedAt: Date,
): Promise<readonly TransportSample[]> {
  const context: BuildContext = {
    signal: controller.signal,
    projectDirectory: options.project,
    workDirectory: options.work,
    runId: startedAt.getTime().toString(36),
    modules,
    say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
  };
  const store = join(options.work, `store-${modules}`);
  await fillStore(context, store);
  await addImages(store);
  const samples: TransportSample[] = [];
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    for (const diskLimit of options.disks) {
      for (const transport of TRANSPORTS) {
        const sample = await measureTransport(context, { transport, diskLimit, repeat, store });
        context.say(`${modules}, ${diskLimit} MB/s, ${transport}: ${sample.seconds.toFixed(1)} s`);
        samples.push(sample);
      }
    }
  }
  return samples;
}

type Modules = TransportSample['modules'];

interface Options {
  readonly repeats: number;
  readonly disks: readonly number[];
  readonly modules: readonly Modules[];
  readonly project: string;
  readonly work: string;
  readonly out: string;
  readonly tablesOnly: boolean;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      repeats: { type: 'string' },
      disks: { type: 'string' },
      modules: { type: 'string', default: 'zips,trees' },
      quick: { type: 'boolean', default: false },
      'tables-only': { type: 'boolean', default: false },
      work: { type: 'string', default: join(tmpdir(), 'slipway-transport') },
      project: { type: 'string', default: HEAVY_DIRECTORY },
      out: { type: 'string', default: RESULTS },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const disks = (values.disks ?? (values.quick ? '0' : '0,100,30')).split(',').map((text) => readCount('disks', text));
  if (disks.some((limit) => limit > 0) && !canLimitDisks()) {
    throw new Error(
      '--disks: only a kernel with the first version of blkio cgroups limits a disk here; write `--disks 0`',
    );
  }
  return {
    repeats: readCount('repeats', values.repeats ?? (values.quick ? '1' : '3')),
    disks,
    modules: values.modules.split(',').map(readModules),
    project: values.project,
    work: values.work,
    out: values.out,
    tablesOnly: values['tables-only'],
  };
}

function readModules(text: string): Modules {
  if (text !== 'zips' && text !== 'trees') throw new Error(`--modules: \`${text}\` is neither zips nor trees`);
  return text;
}

function readCount(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name}: \`${text}\` is not a whole number`);
  return Number(text);
}

/** One line for each build. */
function formatResults({ samples, ...rest }: TransportResults): string {
  const lines = samples.map((sample) => JSON.stringify(sample)).join(',\n');
  return `${JSON.stringify(rest).slice(0, -1)},"samples":[\n${lines}\n]}\n`;
}
