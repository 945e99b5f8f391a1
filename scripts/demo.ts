import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatBytes, formatSeconds } from '../src/core/size.ts';
import type { BuildReport } from '../src/warm/types.ts';
import { PROJECT_ROOT, toolPath, toolsBin } from '../test/helpers/tools.ts';
import { startWorker, type Worker } from '../test/helpers/worker.ts';
import { askService } from './demo-service.ts';
import { formatTable } from './demo-table.ts';
import { runVisibly, SEEN_BY_CHILDREN } from './demo-run.ts';

const SERVICE = join(PROJECT_ROOT, 'examples', 'greeter');
const EDIT = { from: '"greeter 1"', to: '"greeter 2"' };

/** Three builds of one service, as scripts/demo says. Every directory is the run's own, so two demos may run at once. */
async function main(signal: AbortSignal): Promise<void> {
  const ground = await mkdtemp(join(tmpdir(), 'slipway-demo-'));
  const store = join(ground, 'store');
  const scratch = join(ground, 'scratch');
  try {
    await mkdir(scratch);
    await compare({ store, scratch, signal });
    say(`\nThe store is ${store}. Look at it, and remove it:`);
    say(`  ./bin/slipway cache du --store type=local,dest=${store}`);
    say(`  rm -r ${ground}`);
  } catch (error) {
    await rm(ground, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Ground {
  readonly store: string;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

async function compare(ground: Ground): Promise<void> {
  const { scratch } = ground;
  const original = join(scratch, 'original');
  const edited = join(scratch, 'edited');
  await cp(SERVICE, original, { recursive: true });
  await cp(SERVICE, edited, { recursive: true });
  await editMain(edited);

  title('1. A worker that has never seen this code: cold build, then save');
  await using first = await startWorker();
  const cold = await slipwayBuild({ ...ground, worker: first, name: 'first', context: original });
  expectThat(cold.restore.state === 'nothing-stored', `the first restore found \`${cold.restore.state}\``);
  expectThat(cold.save.state === 'saved', `the first save ended as \`${cold.save.state}\``);

  title('2. Another such worker, and one line edited: restore, build, save what is new');
  let warm: BuildReport;
  {
    await using second = await startWorker();
    warm = await slipwayBuild({ ...ground, worker: second, name: 'second', context: edited });
  }
  expectThat(warm.restore.state === 'restored', `the restore ended as \`${warm.restore.state}\``);

  title('3. The first worker again with the same edit: a builder that is never thrown away, without slipway');
  const persistentSeconds = await plainBuild({ ...ground, worker: first, name: 'persistent', context: edited });

  title('The program of the second build');
  const answer = await askService(join(scratch, 'second', 'out', 'bin', 'app'), ['/', '/hello/ada'], ground.signal);
  for (const { path, text } of answer) say(`GET ${path} -> ${text.trim()}`);
  expectThat(answer[0]?.text.trim() === 'greeter 2', 'the program does not hold the edit');

  process.stdout.write(`\n${formatResult(cold, warm, persistentSeconds)}\n`);
}

function formatResult(cold: BuildReport, warm: BuildReport, persistentSeconds: number): string {
  const seconds = formatSeconds;
  const table = formatTable([
    ['', 'cold worker', 'fresh worker with slipway', 'persistent builder'],
    ['restore', '-', seconds(warm.restore.seconds), '-'],
    ['build', seconds(cold.buildSeconds), seconds(warm.buildSeconds), seconds(persistentSeconds)],
    ['until the image is there', seconds(cold.buildSeconds), seconds(untilBuilt(warm)), seconds(persistentSeconds)],
    ['save, after it', seconds(cold.save.seconds), seconds(warm.save.seconds), '-'],
    ['moved down', '-', formatBytes(warm.restore.bytesMoved), '-'],
    ['moved up', formatBytes(cold.save.bytesMoved), formatBytes(warm.save.bytesMoved), '-'],
  ]);
  const factor = (cold.buildSeconds / untilBuilt(warm)).toFixed(1);
  return [
    table,
    '',
    `With slipway the fresh worker had its image ${factor} times sooner than cold. Both fetched the base image in that`,
    'time, which the persistent builder had already.',
  ].join('\n');
}

/** Restore and build: what a person waits for. The save comes after it. */
function untilBuilt(report: BuildReport): number {
  return report.restore.seconds + report.buildSeconds;
}

interface DemoBuild extends Ground {
  readonly worker: Worker;
  readonly name: string;
  readonly context: string;
}

/** A home of its own for each "machine": packs that an earlier build left on this one would spoil the comparison. */
async function slipwayBuild({ worker, name, context, store, scratch, signal }: DemoBuild): Promise<BuildReport> {
  const home = join(scratch, name);
  await mkdir(home);
  await settle();
  const words = ['build', '--store', `type=local,dest=${store}`, '--scope', 'demo', '--format', 'json'];
  const output = ['--output', `type=local,dest=${join(home, 'out')}`, context];
  const stdout = await runVisibly(join(PROJECT_ROOT, 'bin', 'slipway'), [...words, ...output], {
    signal,
    env: {
      ...worker.env,
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      PATH: `${toolsBin()}:${process.env['PATH']}`,
    },
  });
  return JSON.parse(stdout) as BuildReport;
}

async function plainBuild({ worker, name, context, scratch, signal }: DemoBuild): Promise<number> {
  await settle();
  const started = performance.now();
  const source = ['--local', `context=${context}`, '--local', `dockerfile=${context}`];
  const output = ['--output', `type=local,dest=${join(scratch, name, 'out')}`];
  await runVisibly(toolPath('buildctl'), ['build', '--frontend', 'dockerfile.v0', ...source, ...output], {
    signal,
    env: worker.env,
  });
  return (performance.now() - started) / 1000;
}

async function editMain(directory: string): Promise<void> {
  const path = join(directory, 'main.go');
  const text = await readFile(path, 'utf8');
  expectThat(text.includes(EDIT.from), `${path} has no ${EDIT.from} to edit`);
  await writeFile(path, text.replace(EDIT.from, EDIT.to));
}

/** What the last step left to write would slow down the next one. */
async function settle(): Promise<void> {
  await promisify(execFile)('sync');
}

function expectThat(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

function title(text: string): void {
  say(`\n== ${text}`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const abort = new AbortController();
let exitCode = 1;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    exitCode = code;
    const cause = signal === 'SIGINT' && process.stdin.isTTY ? SEEN_BY_CHILDREN : undefined;
    abort.abort(new Error(`ended by ${signal}`, { cause }));
  });
}
try {
  await main(abort.signal);
  process.exit(0);
} catch (error) {
  say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(exitCode);
}
