import { isRemoteContext } from '../../buildkit/buildctl-arguments.ts';
import type { UserBuild, UserBuildResult } from '../../buildkit/types.ts';
import { userCacheDirectory } from '../../config/options.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import type { ProgressEvent } from '../../core/events.ts';
import type { BuildReport, PlannedBuild, WarmContext } from '../../warm/types.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import { formatClosingLine } from '../closing-line.ts';
import { isSwitchedOn, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { LoadedCommand } from '../command-table.ts';
import type { WatchedBuild } from '../explain/watch-build.ts';
import type { CliIo } from '../io.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { printDryRun } from '../print-dry-run.ts';
import { withStandardInput } from '../read-standard-input.ts';
import { isQuestion, readUserBuild, writesToStdout } from '../read-user-build.ts';
import { connect, forEngine, storeContext } from '../../session/session.ts';
import { openSession, type Session } from '../session.ts';
import { writeOut } from '../write-out.ts';

const AUTO_FLAG: FlagSpec = {
  name: 'auto',
  arity: 'switch',
  help: "Build with lint's safe fixes of the Dockerfile, without writing them to the file",
};
const OWN_FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS, AUTO_FLAG, DRY_RUN_FLAG];

export const buildCommand: LoadedCommand = {
  flags: [...BUILDX_FLAGS, ...OWN_FLAGS],
  run: runBuild,
  help: {
    summary: 'Builds like `docker buildx build`, with the Go cache mounts restored before and saved after.',
    usage: 'slipway build [OPTIONS] PATH | URL | -',
    sections: [
      { title: "slipway's options", flags: OWN_FLAGS },
      { title: "buildx's options", flags: BUILDX_FLAGS },
    ],
    notes: [
      'The exit code is that of the build. A fault of the cache costs time, never the build, unless --strict-cache.',
    ],
    examples: [
      'slipway build -t app .',
      'slipway build --store type=registry,ref=registry.example.com/app/cache -t app --load .',
      'slipway build --target test --build-arg VERSION=1.2 -f build/Dockerfile .',
      'slipway build --auto -t app .',
      'slipway build --dry-run .',
    ],
  },
};

/** `slipway build`: restore, the user's build, save. The exit code is the build's own. */
async function runBuild(parsed: ParsedWords, io: CliIo): Promise<number> {
  const asWritten = await readBuild(parsed, io);
  const written = isSwitchedOn(parsed, 'auto') ? await mendBuild(asWritten, parsed, io) : asWritten;
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  using session = await openSession(io, { parsed, userBuild: written });
  const isJson = session.settings.format === 'json';
  if (isJson && writesToStdout(written, parsed)) {
    throw new SlipwayError('USAGE', '`--format json` and the build would both write to standard output', {
      hint: 'Leave `--format json` out, or send the build result to a file.',
    });
  }
  const plainReason = isQuestion(parsed) ? 'it only asks a question' : unreadableContext(written);
  const read = plainReason === undefined ? await session.parts.planBuild(written, io.env) : undefined;
  await using reading =
    read === undefined || isDryRun ? undefined : session.parts.readAhead(storeContext(session, false), read);
  const context = await connect(session, { userBuild: written, isDryRun });
  await using _engine = context.engine;
  const userBuild = forEngine(written, context.engine);
  const planned = read && { ...read, userBuild };
  if (planned === undefined) return runPlain(context, session, { userBuild, reason: plainReason ?? '', isDryRun });
  if (isDryRun) return printDryRun(session, context, planned, 'build');
  const withSave = !session.settings['no-save'];
  const watched = await watch(planned, session, context.clock);
  const onEvent = (event: ProgressEvent): void => {
    watched.onEvent(event);
    context.onEvent(event);
  };
  const { onCompiled } = watched;
  const { stepsKey } = watched;
  const triesLayers = session.settings['layers-first'];
  const options = { withSave, stored: reading?.stored, stepsKey, triesLayers };
  const { report, build } = await session.parts.build({ ...context, onEvent, onCompiled }, planned, options);
  await watched.keep(report);
  session.progress.close();
  await printResult(session, userBuild, build);
  if (isJson) await writeOut(io.stdout, `${JSON.stringify(report, null, 2)}\n`);
  session.progress.printLine(formatClosingLine(report));
  return exitCodeOf(report, session);
}

/** Follows the build for `slipway explain` and `slipway report`. */
async function watch(planned: PlannedBuild, { io, logger }: Session, clock: Clock): Promise<WatchedBuild> {
  const { watchBuild } = await import('../explain/watch-build.ts');
  const cacheDirectory = userCacheDirectory(io.env);
  return watchBuild(planned, { cwd: io.cwd, env: io.env, cacheDirectory, clock, logger });
}

/** The build with the safe fixes in its Dockerfile, where that lies here. */
async function mendBuild(build: UserBuild, parsed: ParsedWords, io: CliIo): Promise<UserBuild> {
  if (isQuestion(parsed) || unreadableContext(build) !== undefined) return build;
  const { applySafeFixes, formatAutoFix } = await import('../lint/auto-fix.ts');
  const mended = await applySafeFixes(build, io);
  if (mended.fixed.length > 0) io.stderr.write(`slipway: ${formatAutoFix(mended.fixed)}\n`);
  return mended.build;
}

async function readBuild(parsed: ParsedWords, io: CliIo): Promise<UserBuild> {
  const ownFlags = new Set(OWN_FLAGS.map((flag) => flag.name));
  const build = readUserBuild({ parsed, ownFlags, env: io.env });
  if (build.file === '-' && build.context === '-') {
    throw new SlipwayError('USAGE', "the Dockerfile and the context can't both come from standard input");
  }
  return withStandardInput(build, io);
}

/** Runs the user's build alone, where there is nothing to restore for or no Dockerfile here to read. */
async function runPlain(
  context: WarmContext,
  session: Session,
  plain: { readonly userBuild: UserBuild; readonly reason: string; readonly isDryRun: boolean },
): Promise<number> {
  context.logger.info(`building without the cache: ${plain.reason}`);
  if (plain.isDryRun) return 0;
  const { engine, signal, onEvent } = context;
  const result = await engine.runUserBuild(plain.userBuild, { signal, onEvent });
  session.progress.close();
  await printResult(session, plain.userBuild, result);
  return result.exitCode;
}

function unreadableContext(build: UserBuild): string | undefined {
  if (build.context === '-') return 'its context comes from standard input';
  if (isRemoteContext(build.context)) return 'its context is remote';
  return undefined;
}

/** The client's own words when the build failed, and the image ID that `--quiet` promises. */
async function printResult(session: Session, userBuild: UserBuild, result: UserBuildResult): Promise<void> {
  if (result.exitCode !== 0) session.progress.printBuildErrors(result.messages);
  else if (userBuild.quiet && result.imageId !== undefined) await writeOut(session.io.stdout, `${result.imageId}\n`);
}

function exitCodeOf(report: BuildReport, session: Session): number {
  if (report.buildExitCode !== 0) return report.buildExitCode;
  const isFault = report.restore.state === 'failed' || report.save.state === 'failed';
  return isFault && session.isStrict ? 3 : 0;
}
