import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import { type CheckedBuild, checkModel, checkSteps } from './lib/history/check-model.ts';
import { planCommits } from './lib/history/commits.ts';
import { buildProgram, type HostGo } from './lib/history/host-go.ts';
import { type BuildMeasure, playHistory } from './lib/history/play.ts';
import { formatProject, HEAVY_PROJECT_FILE, readHeavyProject } from './lib/history/project.ts';
import { recordProject } from './lib/history/record-project.ts';
import { type HistoryResults, renderHistory } from './lib/history/render-history.ts';
import { judgeHistory, summarizeHistory } from './lib/history/summarize.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';
import { HEAVY_DIRECTORY } from './lib/project.ts';

const HELP = `What restores move and saves upload over a history of builds of the heavy project, by the real planning, used sets,
compaction and clean-up on packs of real size. What a build reads and makes is a model on its recorded package graph.

Usage: node bench/history.ts [OPTIONS]      # exit code 1 when a goal is missed

Options:
  --builds N     How many (default 200: five minutes on two cores, 2 GB of memory)
  --seed N       Another history (default 1)
  --record       Record the package graph and sizes anew, by a cold build with the real go, and check the model
  --tables-only  Write the tables of the newest results anew
  --help         This text
`;

const RESULTS = join(import.meta.dirname, 'results', 'history.json');
const CHECKS = join(import.meta.dirname, 'history', 'checks.json');
const PAGE = join(PROJECT_ROOT, 'docs', 'benchmarks.md');

const { values } = parseArgs({
  options: {
    builds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
    'tables-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
} else {
  if (values.record) await record();
  if (!values['tables-only']) await writeFile(RESULTS, formatResults(await measure()));
  const results = JSON.parse(await readFile(RESULTS, 'utf8')) as HistoryResults;
  const checks = JSON.parse(await readFile(CHECKS, 'utf8')) as readonly CheckedBuild[];
  await writeFile(PAGE, replaceBetweenMarkers(await readFile(PAGE, 'utf8'), renderHistory(results, checks), 'history'));
  process.stdout.write(`${PAGE}\n`);
  if (judgeHistory(results.summary).some(({ measured, limit }) => measured > limit)) process.exitCode = 1;
}

async function measure(): Promise<HistoryResults> {
  const project = await readHeavyProject();
  const seed = Number(values.seed);
  const directory = await mkdtemp(join(tmpdir(), 'slipway-history-'));
  const tell = ({ kind, scope, restoredBytes, idealBytes }: BuildMeasure, number: number): void => {
    const ratio = idealBytes === 0 ? '' : `, ${(restoredBytes / idealBytes).toFixed(2)}x`;
    process.stderr.write(`${number} ${kind} on ${scope}${ratio}\n`);
  };
  try {
    const commits = planCommits(project, { count: Number(values.builds), seed });
    const measures = await playHistory({ project, commits, workDirectory: directory, onBuild: tell });
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT });
    return { schemaVersion: 1, commit: stdout.trim(), seed, summary: summarizeHistory(measures), measures };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Cold, then once for each step: a quarter of an hour on two cores. */
async function record(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-recorded-'));
  try {
    const host: HostGo = { project: join(directory, 'heavy'), cache: join(directory, 'cache') };
    await cp(HEAVY_DIRECTORY, host.project, { recursive: true });
    // Go keeps an index of files only when they are some seconds old: the second build has all of them.
    await buildProgram(host, directory);
    const project = await recordProject(host, directory);
    await writeFile(HEAVY_PROJECT_FILE, formatProject(project));
    const steps = checkSteps(project);
    await writeFile(
      CHECKS,
      `${JSON.stringify(await checkModel(project, host, { steps, scratch: directory }), null, 1)}\n`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** One line for each build. */
function formatResults({ measures, ...rest }: HistoryResults): string {
  const lines = measures.map((measure) => JSON.stringify(measure)).join(',\n');
  return `${JSON.stringify(rest).slice(0, -1)},"measures":[\n${lines}\n]}\n`;
}
