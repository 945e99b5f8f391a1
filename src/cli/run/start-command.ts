import { access, constants } from 'node:fs/promises';
import { findProgram } from '../../buildkit/find-program.ts';
import { SlipwayError } from '../../core/errors.ts';
import { passThrough } from '../../process/pass-through.ts';
import type { CommandResult } from '../../warm/around.ts';
import type { CliIo } from '../io.ts';
import { interruptingSignal } from './interruption.ts';

/** Shorter than the time that this process gives itself to clean up after a signal. */
const GRACE_MS = 4000;

/** Runs the user's command on our own streams, with `env` beside our own environment. */
export async function startCommand(words: readonly string[], io: CliIo, env: CliIo['env']): Promise<CommandResult> {
  const [program = '', ...args] = words;
  const startedAt = performance.now();
  const exitCode = await passThrough(program, {
    args,
    env: { ...io.env, ...env },
    signal: io.signal,
    signalName: () => interruptingSignal(io.signal),
    graceMs: GRACE_MS,
    isOnTerminal: [io.stdin, io.stdout, io.stderr].some((stream) => 'isTTY' in stream && stream.isTTY === true),
  });
  return { exitCode, seconds: (performance.now() - startedAt) / 1000 };
}

/** Why the program can't be started, with the exit code that shells and `env` have for it; undefined when it can. */
export async function whyNotStarted(
  [program = '']: readonly string[],
  env: CliIo['env'],
): Promise<{ readonly error: SlipwayError; readonly exitCode: 126 | 127 } | undefined> {
  if (!program.includes('/')) {
    if ((await findProgram(program, env)) !== undefined) return undefined;
    return { exitCode: 127, error: new SlipwayError('USAGE', `there is no program \`${program}\` on PATH`) };
  }
  try {
    await access(program, constants.X_OK);
    return undefined;
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    const what = isMissing ? `there is no program \`${program}\`` : `\`${program}\` may not be executed`;
    return { exitCode: isMissing ? 127 : 126, error: new SlipwayError('USAGE', what, { cause: error }) };
  }
}
