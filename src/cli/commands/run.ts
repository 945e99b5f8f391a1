import { errorMessage, isSlipwayError, SlipwayError } from '../../core/errors.ts';
import type { AroundReport } from '../../warm/around.ts';
import type { WarmContext } from '../../warm/types.ts';
import { MOUNT_FLAGS } from '../buildx-flags.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { printError } from '../print-error.ts';
import { rememberBuildSecrets } from '../remember-secrets.ts';
import { plainDockerBuilder } from '../run/plain-docker-builder.ts';
import { planTargets, type PlannedTarget } from '../run/plan-targets.ts';
import { printRunPlan } from '../run/print-plan.ts';
import { NAME_THE_BUILD } from '../run/read-command.ts';
import { readRunWords } from '../run/read-words.ts';
import { openReport } from '../run/open-report.ts';
import { formatRunLine, reportGroup, reportTarget } from '../run/report.ts';
import { resolveBuilds } from '../run/resolve-builds.ts';
import { startCommand, whyNotStarted } from '../run/start-command.ts';
import { toBuild } from '../run/to-build.ts';
import { isCold, type Client, type Cold, type ColdBuild, type CommandReading } from '../run/types.ts';
import { connect, openSession, type Session } from '../session.ts';

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
  await file?.write({
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

interface Targets {
  readonly targets: readonly (PlannedTarget | ColdBuild)[];
  /** Why there are none. */
  readonly reason?: string;
}

async function readTargets(reading: CommandReading, session: Session): Promise<Targets> {
  const { io, parts } = session;
  const resolved = reading.kind === 'none' ? reading : await resolveBuilds(reading, io);
  if ('cold' in resolved) {
    const hint = reading.kind === 'none' && resolved.cold.isFault ? NAME_THE_BUILD : undefined;
    tellCold(session, 'nothing is restored', resolved.cold, hint);
    return { targets: [], reason: resolved.cold.reason };
  }
  for (const one of resolved) if (!isCold(one)) await rememberBuildSecrets(one.build, io.env);
  const targets = await planTargets(resolved, parts.planBuild, io.env);
  for (const target of targets)
    if ('cold' in target) tellCold(session, `nothing is restored for ${target.name}`, target.cold);
  return { targets };
}

/** One line; under `--strict-cache` a build whose mounts can't be told is a fault, before anything runs. */
function tellCold({ isStrict, progress }: Session, what: string, cold: Cold, hint?: string): void {
  const text = `${what}: ${cold.reason}`;
  const more = hint === undefined ? {} : { hint };
  if (cold.isFault && isStrict) throw new SlipwayError('COMMAND_UNREAD', text, more);
  progress.onEvent({ type: 'message', level: 'info', text, ...more });
}

/** The builder that the command will use. That it doesn't answer is the command's to complain of. */
async function connectFor(
  client: Client,
  session: Session,
  isDryRun: boolean,
): Promise<{ readonly context?: WarmContext; readonly reason?: string }> {
  const { io, settings, isStrict, progress } = session;
  const env = { ...io.env, ...client.env };
  const builder = client.builder ?? (client.isPlainDocker === true ? await plainDockerBuilder(env) : undefined);
  const userBuild = { ...toBuild(['.'], {}), builder: client.engine === 'buildx' ? builder : undefined };
  const engine = settings.engine === 'auto' ? client.engine : settings.engine;
  try {
    if (engine === 'embedded')
      throw new SlipwayError('ENGINE_MISSING', "the command can't reach a private buildkitd (`engine: embedded`)");
    return { context: await connect(session, { userBuild, isDryRun, engine, env }) };
  } catch (error) {
    const isEngine = (['ENGINE_MISSING', 'ENGINE_TOO_OLD', 'ENGINE_FAILED'] as const).some((code) =>
      isSlipwayError(error, code),
    );
    if (!isEngine || isStrict || io.signal.aborted) throw error;
    const reason = errorMessage(error);
    progress.onEvent({ type: 'message', level: 'warning', text: `nothing is restored: ${reason}` });
    return { reason };
  }
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
