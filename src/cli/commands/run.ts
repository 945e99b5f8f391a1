import { errorMessage, SlipwayError } from '../../core/errors.ts';
import type { AroundReport } from '../../warm/around.ts';
import { MOUNT_FLAGS } from '../buildx-flags.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { printError } from '../print-error.ts';
import { surroundHost } from '../run/host/surround-host.ts';
import { readHostWords, readRunWords } from '../run/read-words.ts';
import { openReport } from '../run/open-report.ts';
import { formatRunLine, reportGroup, type RunReport } from '../run/report.ts';
import { startCommand, whyNotStarted } from '../run/start-command.ts';
import { surroundBuilds } from '../run/surround-builds.ts';
import { toBuild } from '../run/to-build.ts';
import type { CommandReading } from '../run/types.ts';
import { openSession, type Session } from '../session.ts';

const REPORT_FLAG: FlagSpec = {
  name: 'report',
  arity: 'value',
  placeholder: 'FILE',
  help: 'Write what was restored and saved there, as JSON',
};
const HOST_FLAG: FlagSpec = {
  name: 'host',
  arity: 'switch',
  help: "The command runs Go on this machine: restore and save this machine's own GOCACHE and GOMODCACHE",
};
const PROG_FLAG: FlagSpec = {
  name: 'gocacheprog',
  arity: 'switch',
  help: 'With --host: give compiled packages to Go one by one, by GOCACHEPROG, and leave GOCACHE alone',
};
const OWN_FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS, HOST_FLAG, PROG_FLAG, REPORT_FLAG, DRY_RUN_FLAG];

export const runCommand: LoadedCommand = {
  flags: [...MOUNT_FLAGS, ...OWN_FLAGS],
  run: runRun,
  help: {
    summary:
      "Runs a command that builds images, with the Go cache mounts of its builds restored before and saved after; with --host a\ncommand that runs Go on this machine, with this machine's own caches.",
    usage: 'slipway run [OPTIONS] [PATH] -- COMMAND [ARGUMENTS]',
    sections: [
      { title: "slipway's options", flags: OWN_FLAGS },
      { title: 'The build that a script runs, where slipway cannot tell it from the command', flags: MOUNT_FLAGS },
    ],
    notes: [
      'It reads docker build, docker buildx build and bake, docker compose build and buildctl build. Any other command runs as\nit is; with --file, --target, --build-arg, --build-context, --platform or PATH you name the build that it runs.',
      "With --host all go commands that the command starts are meant: tests, linters, generators. They share one store and one scope with\nimage builds; Go's own keys decide what fits.",
      "The command has standard input, output and error to itself, and its exit code is slipway's. A command that fails saves nothing.\nA fault of the cache costs time, never the command, unless --strict-cache.",
    ],
    examples: [
      'slipway run -- docker buildx build -t app .',
      'slipway run --store type=registry,ref=registry.example.com/app/cache -- docker buildx bake --push',
      'slipway run -- docker compose build api',
      'slipway run --file build/Dockerfile --target release . -- make image',
      'slipway run --dry-run -- docker buildx bake',
      'slipway run --host -- go test ./...',
    ],
  },
};

async function runRun(parsed: ParsedWords, io: CliIo): Promise<number> {
  const ownFlags = new Set([...OWN_FLAGS.map(({ name }) => name), 'debug']);
  const isHost = readHostFlags(parsed);
  const words = isHost ? { command: readHostWords(parsed) } : readRunWords(parsed, ownFlags, io.env);
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  const failure = await whyNotStarted(words.command, io.env);
  if (failure !== undefined) {
    printError(io.stderr, failure.error, false);
    return failure.exitCode;
  }
  const userBuild = 'reading' in words ? configBuild(words.reading) : toBuild(['.'], {});
  using session = await openSession(io, { parsed, userBuild });
  refuseJson(session, isDryRun);
  const reportFile = lastValue(parsed, 'report');
  await using file = reportFile === undefined || isDryRun ? undefined : await openReport(reportFile);
  await using surroundings =
    'reading' in words
      ? await surroundBuilds(session, words.reading, isDryRun)
      : await surroundHost(session, { parsed, isProg: isSwitchedOn(parsed, 'gocacheprog'), isDryRun });
  if (isDryRun) {
    await surroundings.printPlan();
    return 0;
  }
  const { facts, around, env } = surroundings;
  const run = async (): Promise<AroundReport['command']> => {
    session.progress.handOver();
    return startCommand(words.command, io, env);
  };
  const withSave = !session.settings['no-save'];
  const report = around === undefined ? await runAlone(run, io) : await around(run, { withSave });
  session.progress.close();
  if (around !== undefined) session.progress.printLine(formatRunLine(report));
  const { command: result, groups, ...rest } = report;
  const { engine, ...told } = facts;
  const document: RunReport = {
    schemaVersion: 1,
    ...(engine === undefined ? {} : { engine }),
    store: session.store.description,
    scope: session.scopes.write,
    exitCode: result.exitCode,
    commandSeconds: result.seconds,
    ...told,
    groups: groups.map(reportGroup),
    ...rest,
  };
  // The command is over, and its outcome stands.
  await file?.write(document).catch((error: unknown) => {
    session.logger.warning(`the report could not be written: ${errorMessage(error)}`);
  });
  return exitCodeOf(report, session);
}

/** Throws USAGE for `--gocacheprog` without `--host`. */
function readHostFlags(parsed: ParsedWords): boolean {
  const isHost = isSwitchedOn(parsed, HOST_FLAG.name);
  if (isHost || !isSwitchedOn(parsed, PROG_FLAG.name)) return isHost;
  throw new SlipwayError('USAGE', '`--gocacheprog` is for go commands on this machine', {
    hint: 'Write `slipway run --host --gocacheprog -- go test ./...`',
  });
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

function exitCodeOf({ command, groups }: AroundReport, session: Session): number {
  if (command.exitCode !== 0) return command.exitCode;
  const isFault = groups.some(({ restore, save }) => restore.state === 'failed' || save.state === 'failed');
  return isFault && session.isStrict ? 3 : 0;
}
