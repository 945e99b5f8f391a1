import { userCacheDirectory } from '../../config/options.ts';
import { errorMessage } from '../../core/errors.ts';
import type { CompiledObject } from '../../golang/object/read-object.ts';
import { storeTraffic } from '../../warm/store-traffic.ts';
import type { PlannedBuild, RestoreReport, SaveReport, WarmContext } from '../../warm/types.ts';
import { MOUNT_FLAGS } from '../buildx-flags.ts';
import { formatRestoreLine, formatSaveLine } from '../closing-line.ts';
import type { CommandHelp, LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { printDryRun } from '../print-dry-run.ts';
import { withStandardInput } from '../read-standard-input.ts';
import { readUserBuild } from '../read-user-build.ts';
import { connect } from '../../session/session.ts';
import { openSession, type Session } from '../session.ts';
import { writeOut } from '../write-out.ts';

const OWN_FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS, DRY_RUN_FLAG];

/** The flags of `restore` and `save`: those that decide the mounts, and slipway's own. */
const FLAGS: readonly FlagSpec[] = [...MOUNT_FLAGS, ...OWN_FLAGS];

const SECTIONS: CommandHelp['sections'] = [
  { title: "slipway's options", flags: OWN_FLAGS },
  { title: 'The build whose mounts are meant', flags: MOUNT_FLAGS },
];

export const restoreCommand: LoadedCommand = {
  flags: FLAGS,
  run: (parsed, io) => runEnd(parsed, io, 'restore'),
  help: {
    summary: 'Fills the Go cache mounts of a build that somebody else runs: docker build, bake, compose.',
    usage: 'slipway restore [OPTIONS] [PATH]',
    sections: SECTIONS,
    notes: ['Give it the same --file, --target, --build-arg, --build-context, --platform and --network as the build.'],
    examples: ['slipway restore . && docker buildx build -t app . && slipway save .', 'slipway restore --dry-run .'],
  },
};

export const saveCommand: LoadedCommand = {
  flags: FLAGS,
  run: (parsed, io) => runEnd(parsed, io, 'save'),
  help: {
    summary: 'Saves what a build left in its Go cache mounts, only what is not stored yet.',
    usage: 'slipway save [OPTIONS] [PATH]',
    sections: SECTIONS,
    notes: ['It needs nothing from an earlier `slipway restore`.'],
    examples: ['slipway save .', 'slipway save --scope main --target build .'],
  },
};

async function runEnd(parsed: ParsedWords, io: CliIo, verb: 'restore' | 'save'): Promise<number> {
  const ownFlags = new Set([...OWN_FLAGS.map((flag) => flag.name), 'debug']);
  const written = readUserBuild({ parsed, ownFlags, env: io.env, defaultContext: '.' });
  const userBuild = await withStandardInput(written, io);
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  using session = await openSession(io, { parsed, userBuild });
  const planned = await session.parts.planBuild(userBuild, io.env);
  const context = await connect(session, { userBuild, isDryRun });
  await using _engine = context.engine;
  if (isDryRun) return printDryRun(session, context, planned, verb);
  const report = await callUseCase(session, context, { planned, verb });
  session.progress.close();
  if (session.settings.format === 'json') {
    const head = {
      schemaVersion: 1,
      engine: context.engine.description,
      store: context.store.description,
      scope: session.scopes.write,
    };
    const document = { ...head, [verb]: report.data, ...storeTraffic(context.store) };
    await writeOut(io.stdout, `${JSON.stringify(document, null, 2)}\n`);
  }
  session.progress.printLine(report.line);
  return report.data.state === 'failed' && session.isStrict ? 3 : 0;
}

async function callUseCase(
  session: Session,
  context: WarmContext,
  input: { readonly planned: PlannedBuild; readonly verb: 'restore' | 'save' },
): Promise<{ readonly data: RestoreReport | SaveReport; readonly line: string }> {
  if (input.verb === 'restore') {
    const { report } = await session.parts.restore(context, input.planned);
    return { data: report, line: formatRestoreLine(report) };
  }
  const compiled: CompiledObject[] = [];
  const report = await session.parts.save({ ...context, onCompiled: (each) => compiled.push(each) }, input.planned);
  if (report.state === 'saved' || report.state === 'nothing-new') {
    await keepPackages(session, input.planned, { savedAtMs: context.clock.now(), compiled });
  }
  return { data: report, line: formatSaveLine(report) };
}

/** For `slipway explain --from-log`. That it fails is nobody's fault but the explanation's. */
async function keepPackages(
  { io, logger }: Session,
  planned: PlannedBuild,
  saved: { readonly savedAtMs: number; readonly compiled: readonly CompiledObject[] },
): Promise<void> {
  const { keptBuildPath } = await import('../explain/kept-build.ts');
  const { writeSavedPackages } = await import('../explain/saved-packages.ts');
  const path = keptBuildPath(planned, { cwd: io.cwd, cacheDirectory: userCacheDirectory(io.env) });
  try {
    await writeSavedPackages(path, saved);
  } catch (error) {
    logger.debug(`what the build compiled could not be kept: ${errorMessage(error)}`);
  }
}
