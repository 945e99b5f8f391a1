import { errorMessage, SlipwayError } from '../../core/errors.ts';
import type { AroundReport } from '../../warm/around.ts';
import { MOUNT_FLAGS } from '../buildx-flags.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { printError } from '../print-error.ts';
import { connectFor } from '../run/connect-for.ts';
import { printRunPlan } from '../run/print-plan.ts';
import { readTargets } from '../run/read-targets.ts';
import { readRunWords } from '../run/read-words.ts';
import { openReport } from '../run/open-report.ts';
import { formatRunLine, reportGroup, reportTarget, type RunReport } from '../run/report.ts';
import { startCommand, whyNotStarted } from '../run/start-command.ts';
import { toBuild } from '../run/to-build.ts';
import type { CommandReading } from '../run/types.ts';
import { openSession, type Session } from '../session.ts';

const REPORT_FLAG: FlagSpec = {
  name: 'report',
  arity: 'value',
  placeholder: 'FILE',
  help: 'Write what was restored and saved there, as JSON',
};
const OWN_FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS, REPORT_FLAG, DRY_RUN_FLAG];

export const runCommand: LoadedCommand = {
  flags: [...MOUNT_FLAGS, ...OWN_FLAGS],
  run: runRun,
  help: {
    summary:
      'Runs a command that builds images, with the Go cache mounts of its builds restored before and saved after.',
    usage: 'slipway run [OPTIONS] [PATH] -- COMMAND [ARGUMENTS]',
    sections: [
      { title: "slipway's options", flags: OWN_FLAGS },
      { title: 'The build that a script runs, where slipway cannot tell it from the command', flags: MOUNT_FLAGS },
    ],
    notes: [
      'It reads docker build, docker buildx build and bake, docker compose build and buildctl build. Any other command runs as\nit is; with --file, --target, --build-arg, --build-context, --platform or PATH you name the build that it runs.',
      "The command has standard input, output and error to itself, and its exit code is slipway's. A command that fails saves nothing.\nA fault of the cache costs time, never the command, unless --strict-cache.",
    ],
    examples: [
      'slipway run -- docker buildx build -t app .',
      'slipway run --store type=registry,ref=registry.example.com/app/cache -- docker buildx bake --push',
      'slipway run -- docker compose build api',
      'slipway run --file build/Dockerfile --target release . -- make image',
      'slipway run --dry-run -- docker buildx bake',
    ],
  },
};

async function runRun(parsed: ParsedWords, io: CliIo): Promise<number> {
  const ownFlags = new Set([...OWN_FLAGS.map(({ name }) => name), 'debug']);
  const { command, reading } = readRunWords(parsed, ownFlags, io.env);
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  const failure = await whyNotStarted(command, io.env);
  if (failure !== undefined) {
    printError(io.stderr, failure.error, false);
    return failure.exitCode;
  }
  using session = await openSession(io, { parsed, userBuild: configBuild(reading) });
  refuseJson(session, isDryRun);
  const reportFile = lastValue(parsed, 'report');
  await using file = reportFile === undefined || isDryRun ? undefined : await openReport(reportFile);
  const { targets, reason } = await readTargets(reading, session);
  const plans = targets.flatMap((target) => ('plans' in target ? target.plans : []));
  const connected =
    reading.kind === 'none' || plans.length === 0 ? {} : await connectFor(reading.client, session, isDryRun);
  await using _engine = connected.context?.engine;
  if (isDryRun) {
    await printRunPlan(session, targets, connected.context);
    return 0;
  }
  const run = async (): Promise<AroundReport['command']> => {
    session.progress.handOver();
    return startCommand(command, io);
  };
  const withSave = !session.settings['no-save'];
  const { context } = connected;
  const report =
    context === undefined ? await runAlone(run, io) : await session.parts.around(context, plans, run, { withSave });
  session.progress.close();
  if (context !== undefined) session.progress.printLine(formatRunLine(report));
  const { command: result, groups, ...rest } = report;
  const document: RunReport = {
    schemaVersion: 1,
    ...(context === undefined ? {} : { engine: context.engine.description }),
    store: session.store.description,
    scope: session.scopes.write,
    exitCode: result.exitCode,
    commandSeconds: result.seconds,
    ...optionalReason(reason ?? connected.reason),
    targets: targets.map(reportTarget),
    groups: groups.map(reportGroup),
    ...rest,
  };
  // The command is over, and its outcome stands.
  await file?.write(document).catch((error: unknown) => {
    session.logger.warning(`the report could not be written: ${errorMessage(error)}`);
  });
  return exitCodeOf(report, session);
}

/** The configuration beside a context holds for its build; for several builds that where the command runs. */
function configBuild(reading: CommandReading) {
  const [only, ...more] = reading.kind === 'builds' ? reading.builds : [];
  return only === undefined || more.length > 0 ? toBuild(['.'], {}) : only.build;
}

/** Standard output is the command's: JSON there is only for `--dry-run`. */
function refuseJson({ config }: Session, isDryRun: boolean): void {
  if (isDryRun || config.settings.format !== 'json' || config.origins.format.kind !== 'flag') return;
  throw new SlipwayError('USAGE', '`--format json` and the command would both write to standard output', {
    hint: 'Write `--report FILE`; `--format json` goes with `--dry-run`.',
  });
}

async function runAlone(run: () => Promise<AroundReport['command']>, { signal }: CliIo): Promise<AroundReport> {
  const command = await run();
  signal.throwIfAborted();
  return { command, totalSeconds: command.seconds, groups: [] };
}

function optionalReason(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

function exitCodeOf({ command, groups }: AroundReport, session: Session): number {
  if (command.exitCode !== 0) return command.exitCode;
  const isFault = groups.some(({ restore, save }) => restore.state === 'failed' || save.state === 'failed');
  return isFault && session.isStrict ? 3 : 0;
}
