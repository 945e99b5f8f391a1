import type { Engine } from '../buildkit/types.ts';
import type { DryRunPlan } from '../session/dry-run-plan.ts';
import { readFingerprint } from '../project/read-fingerprint.ts';
import { readStepsKey } from '../project/read-steps-key.ts';
import { planDryRun } from '../session/plan-dry-run.ts';
import { connect, forEngine, openSession, storeContext, type Session } from '../session/session.ts';
import { usesLayerCache } from '../warm/layers-first.ts';
import type { WarmBuild } from '../warm/build.ts';
import type { StoredState } from '../warm/stored-state.ts';
import type { PlannedBuild, RestoreReport, SaveReport, WarmContext } from '../warm/types.ts';
import { BUILD_OPTIONS, MOUNT_OPTIONS, MOUNT_TABLE, toUserBuild } from './build-options.ts';
import { call, type Names } from './call.ts';
import type { BuildOptions, MountOptions } from './options.ts';
import { readSettings } from './store-options.ts';

/**
 * Fills the Go cache mounts of a build that something else runs afterwards. A fault of the cache is in the report (`failed`) and
 * told by an event; it rejects for what a build would fail at too, for wrong options, and under `strictCache`.
 */
export function restore(options: MountOptions = {}): Promise<RestoreReport> {
  return withBuild(options, MOUNT_OPTIONS, async ({ session, context, planned }) => {
    return (await session.parts.restore(context, planned)).report;
  });
}

/** Saves what a build left in its Go cache mounts, only what isn't stored yet. It needs nothing from an earlier `restore`. */
export function save(options: MountOptions = {}): Promise<SaveReport> {
  return withBuild(options, MOUNT_OPTIONS, ({ session, context, planned }) => session.parts.save(context, planned));
}

/**
 * Restore, the build, save. A build that fails doesn't reject: `report.buildExitCode` says so, and `build.messages` why. Nothing is
 * printed; `onEvent` is told the steps and their logs.
 */
export function build(options: BuildOptions = {}): Promise<WarmBuild> {
  return withBuild(
    options,
    BUILD_OPTIONS,
    ({ session, context, planned, stored }) => {
      const { settings, host, logger } = session;
      const stepsKey = usesLayerCache(planned)
        ? readStepsKey(planned, readFingerprint(planned, host), logger)
        : undefined;
      const triesLayers = settings['layers-first'];
      const withSave = options.save ?? !settings['no-save'];
      return session.parts.build(context, planned, { withSave, stored, stepsKey, triesLayers });
    },
    { readsAhead: true },
  );
}

/** What a build would do, and why: mounts, scopes, engine, store, and what a restore would move. Nothing is built or written. */
export function planBuild(options: MountOptions = {}): Promise<DryRunPlan> {
  return withBuild(
    options,
    MOUNT_OPTIONS,
    ({ session, context, planned }) => planDryRun(session, context, planned, 'build'),
    { isDryRun: true },
  );
}

interface OpenedBuild {
  readonly session: Session;
  readonly context: WarmContext;
  readonly planned: PlannedBuild;
  /** What is stored, on its way. */
  readonly stored: Promise<StoredState> | undefined;
}

async function withBuild<Options extends MountOptions, T>(
  options: Options,
  names: Names<Options>,
  use: (opened: OpenedBuild) => Promise<T>,
  { isDryRun = false, readsAhead = false }: { readonly isDryRun?: boolean; readonly readsAhead?: boolean } = {},
): Promise<T> {
  return call(options, names, async (host) => {
    const userBuild = toUserBuild(options, host);
    const { flags, nameOf, store } = readSettings<BuildOptions>(options, MOUNT_TABLE);
    const onEvent = options.onEvent ?? (() => {});
    const session = await openSession({ host, flags, nameOf, userBuild, store, listen: () => onEvent });
    const planned = await session.parts.planBuild(userBuild, host.env);
    const own = isEngine(options.engine) ? options.engine : undefined;
    own?.checkUserBuild(userBuild);
    await using reading = readsAhead ? session.parts.readAhead(storeContext(session, isDryRun), planned) : undefined;
    const context =
      own === undefined
        ? await connect(session, { userBuild, isDryRun })
        : { ...storeContext(session, isDryRun), engine: own };
    await using _opened = own === undefined ? context.engine : undefined;
    const forIt = { ...planned, userBuild: forEngine(userBuild, context.engine) };
    return await use({ session, context, planned: forIt, stored: reading?.stored });
  });
}

function isEngine(engine: MountOptions['engine']): engine is Engine {
  return typeof engine === 'object';
}
