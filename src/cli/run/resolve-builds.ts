import { isSlipwayError } from '../../core/errors.ts';
import { runChild } from '../../process/run-child.ts';
import {
  type BuildsInFiles,
  type ColdBuild,
  type NamedBuild,
  type NoBuilds,
  type StatedBuilds,
  unread,
} from './types.ts';

export interface AskOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** A tool that only reads files answers at once; one that hangs must not keep the command waiting. */
const ANSWER_MS = 15_000;

/** The builds of a command, after asking the tool whose files state them. What it can't say is a reason, never an error. */
export async function resolveBuilds(
  reading: StatedBuilds | BuildsInFiles,
  options: AskOptions,
): Promise<readonly (NamedBuild | ColdBuild)[] | NoBuilds> {
  if (reading.kind === 'builds') return reading.builds;
  const asked = await ask(reading.question, options);
  try {
    if (asked.exitCode !== 0) return cold(asked.said);
    const builds = reading.read(JSON.parse(asked.stdout));
    return builds.length > 0 ? builds : cold('it names no build');
  } catch (error) {
    if (error instanceof SyntaxError) return cold('its answer is no JSON');
    if (isSlipwayError(error, 'USAGE')) return cold(error.message);
    throw error;
  }
}

function cold(why: string): NoBuilds {
  return unread(`its tool does not say what it builds: ${why}`);
}

async function ask(
  [program = '', ...args]: readonly string[],
  { env, signal }: AskOptions,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly said: string }> {
  const lines: string[] = [];
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const result = await runChild(program, {
    args,
    env,
    signal: AbortSignal.any([signal, timeout]),
    onStdoutLine: (line) => lines.push(line),
  });
  signal.throwIfAborted();
  const said = timeout.aborted
    ? 'it does not answer'
    : (result.stderrTail.findLast((line) => line.trim() !== '') ?? '');
  return { exitCode: result.exitCode ?? 1, stdout: lines.join('\n'), said: said.replace(/^ERROR: /, '') };
}
