import type { UserBuild } from '../buildkit/types.ts';
import { systemClock } from '../core/clock.ts';
import { openSession as open, type Session as OpenedSession } from '../session/session.ts';
import type { ParsedWords } from './flag-words.ts';
import type { CliIo } from './io.ts';
import { readOptionFlags } from './own-flags.ts';
import { createProgress, type Progress } from './progress/create-progress.ts';

/** A session of a command line: it has its streams too, and shows what happens. */
export interface Session extends OpenedSession, Disposable {
  readonly io: CliIo;
  readonly progress: Progress;
}

/** The session that the words of a command line mean. Disposing of it ends what is shown. */
export async function openSession(
  io: CliIo,
  input: { readonly parsed: ParsedWords; readonly userBuild: UserBuild },
): Promise<Session> {
  let progress: Progress | undefined;
  const listen: Parameters<typeof open>[0]['listen'] = (settings) => {
    const mode = input.userBuild.quiet ? 'quiet' : settings.progress;
    progress = createProgress({ mode, stream: io.stderr, env: io.env, clock: systemClock });
    return progress.onEvent;
  };
  const flags = readOptionFlags(input.parsed);
  const session = await open({ host: io, flags, userBuild: input.userBuild, listen });
  if (progress === undefined) throw new TypeError('a session has somebody who listens');
  return { ...session, io, progress, [Symbol.dispose]: progress.close };
}
