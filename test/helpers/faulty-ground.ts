import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { editGreeting, runProgram, writeSmallApp } from './faulty-app.ts';
import { buildWarm, runSlipway, type RunSlipwayOptions, type SlipwayRun } from './run-slipway.ts';
import { copyState, keptState, startWorkerFrom, unpackGo } from './kept-state.ts';
import { startWorker, type Worker } from './worker.ts';
import type { BuildReport } from '../../src/warm/types.ts';

/** What the fault tests of one file share: a worker, and a directory store that a cold build has filled. */
export interface Ground extends AsyncDisposable {
  readonly worker: Worker;
  /** Everything of the test's lies below it. */
  readonly directory: string;
  /** `type=local,dest=…` with one snapshot in the scope `main`; for reading, or to copy. */
  readonly seedStore: string;
  readonly seedDirectory: string;
  /** The app of that build: its mounts are warm. */
  readonly seedApp: SmallApp;
  /** The app, with cache mounts that nobody has used yet. */
  newApp(): Promise<SmallApp>;
  /** A machine's own directories: cache home and temporary directory, empty. */
  newMachine(): Promise<Machine>;
}

export interface SmallApp {
  readonly id: string;
  readonly directory: string;
  /** Edits one line; what the program prints from then on. */
  edit(): Promise<string>;
}

export interface Machine {
  readonly env: Readonly<Record<string, string>>;
  readonly cacheHome: string;
  readonly temporary: string;
}

/** `root` is an empty place for the worker's state. */
export async function layGround({ root }: { readonly root?: string } = {}): Promise<Ground> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-faults-'));
  const clear = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const places = groundPlaces(await keptState('ground', layFirst));
    await copyState(places.seed, path.join(directory, 'seed'));
    await copyState(places.app, path.join(directory, 'app1'));
    const ground = groundOn(await startWorkerFrom(places.state, root === undefined ? {} : { root }), directory);
    const dispose = async (): Promise<void> => {
      await ground.worker.stop();
      await clear();
    };
    return { ...ground, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** The worker, the store and the app of the one cold build that all files of a run share. */
function groundPlaces(directory: string): Readonly<Record<'state' | 'seed' | 'app', string>> {
  return {
    state: path.join(directory, 'state'),
    seed: path.join(directory, 'seed'),
    app: path.join(directory, 'app1'),
  };
}

async function layFirst(directory: string): Promise<void> {
  const { state, app } = groundPlaces(directory);
  await copyState(await keptState('golang', unpackGo), state);
  await using worker = await startWorker({ root: state });
  const ground = groundOn(worker, directory);
  await writeSmallApp(app, ground.seedApp.id);
  const { report, run } = await buildSmall(ground, { store: ground.seedStore, app: ground.seedApp });
  if (report.save.state !== 'saved') throw new Error(`the seed was not saved:\n${run.stderr}`);
}

function groundOn(worker: Worker, directory: string): Omit<Ground, keyof AsyncDisposable> {
  const seedDirectory = path.join(directory, 'seed');
  const appIn = (id: string): SmallApp => {
    const app = path.join(directory, id);
    return { id, directory: app, edit: () => editGreeting(app) };
  };
  const seedApp = appIn('app1');
  let apps = 1;
  const newApp = async (): Promise<SmallApp> => {
    const app = appIn(`app${(apps += 1)}`);
    await writeSmallApp(app.directory, app.id);
    return app;
  };
  let machines = 0;
  const newMachine = async (): Promise<Machine> => {
    const home = path.join(directory, `machine${(machines += 1)}`);
    const [cacheHome, temporary] = [path.join(home, 'cache'), path.join(home, 'tmp')];
    await mkdir(cacheHome, { recursive: true });
    await mkdir(temporary, { recursive: true });
    return { cacheHome, temporary, env: { ...worker.env, XDG_CACHE_HOME: cacheHome, TMPDIR: temporary } };
  };
  return {
    worker,
    directory,
    seedStore: `type=local,dest=${seedDirectory}`,
    seedDirectory,
    seedApp,
    newApp,
    newMachine,
  };
}

export interface SmallBuild {
  readonly store: string;
  readonly app?: SmallApp;
  readonly machine?: Machine;
  readonly flags?: readonly string[];
  readonly options?: RunSlipwayOptions;
}

export interface SmallBuilt {
  readonly report: BuildReport;
  readonly run: SlipwayRun;
  /** What the built program printed; undefined when nothing was built. */
  readonly output: string | undefined;
  /** What it should print. */
  readonly wanted: string;
  readonly app: SmallApp;
  readonly machine: Machine;
  /** Directory of the built program. */
  readonly out: string;
}

/** `slipway build` of the small app after an edit, on a machine that is new unless given, and a run of what it built. */
export async function buildSmall(
  ground: Pick<Ground, 'newApp' | 'newMachine' | 'directory'>,
  build: SmallBuild,
): Promise<SmallBuilt> {
  const app = build.app ?? (await ground.newApp());
  const machine = build.machine ?? (await ground.newMachine());
  const wanted = await app.edit();
  const out = await mkdtemp(path.join(ground.directory, 'out-'));
  const args = [
    ...storeFlags(build.store),
    ...(build.flags ?? []),
    '--output',
    `type=local,dest=${out}`,
    app.directory,
  ];
  const env = { ...machine.env, ...build.options?.env };
  const { report, run } = await buildWarm(args, { ...build.options, env });
  const output = run.exitCode === 0 ? await runProgram(path.join(out, 'app')) : undefined;
  return { report, run, output, wanted, app, machine, out };
}

/** `slipway build` of the small app for its exit code and words alone: one that ends before it has a report. */
export async function runSmall(
  ground: Pick<Ground, 'newMachine'>,
  build: SmallBuild & { readonly app: SmallApp },
): Promise<SlipwayRun> {
  const machine = build.machine ?? (await ground.newMachine());
  const args = [
    'build',
    '--progress',
    'plain',
    ...storeFlags(build.store),
    ...(build.flags ?? []),
    build.app.directory,
  ];
  return runSlipway(args, { ...build.options, env: { ...machine.env, ...build.options?.env } });
}

export function storeFlags(store: string): readonly string[] {
  return ['--store', store, '--scope', 'main'];
}

/** `slipway cache check`: 0 when the store is whole. */
export function checkStore(machine: Machine, store: string): Promise<SlipwayRun> {
  return runSlipway(['cache', 'check', '--store', store], { env: machine.env });
}

/** The lines that a person sees as warnings. */
export function warningsOf(run: SlipwayRun): readonly string[] {
  return run.stderr.split('\n').filter((line) => line.startsWith('slipway: warning'));
}
