import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

export interface WillCommand {
  /** A program and its words: what another process sees of it in a list of processes. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Lines that a command gets to read once this process is gone, however it ended, also by SIGKILL; unless they were taken back. As the
 * will message of MQTT: https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html#_Will_Flag
 */
export interface LastWill {
  add(line: string): void;
  /** What it was for is done. */
  revoke(): void;
}

/**
 * The lines wait in a shell, which takes 0.1 MB of its own, not in the command. The pipe closes with the process that holds its other
 * end: a half line isn't one then. An empty line takes all back.
 */
const WAIT = `lines=
while IFS= read -r line; do
  [ -n "$line" ] || exit 0
  lines="$lines$line
"
done
[ -z "$lines" ] || printf %s "$lines" | "$@"
`;

/**
 * Starts what waits for the end of this process, in a session of its own, without a terminal, and with nobody's output: it keeps
 * neither this process nor who reads from it. `onFailure` is told when it can't be started.
 */
export function leaveWill({ command, env }: WillCommand, onFailure: (error: Error) => void): LastWill {
  const child = spawn('/bin/sh', ['-c', WAIT, 'slipway', ...command], {
    env,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', onFailure);
  child.unref();
  // Without a descriptor to spare there is none: https://nodejs.org/api/child_process.html#subprocessstdin
  const pipe = child.stdin as Writable | undefined;
  // Whoever ended the shell wants no will, and behind the end of it nobody reads on.
  pipe?.on('error', () => {});
  return { add: (line) => void pipe?.write(`${line}\n`), revoke: () => void pipe?.end('\n') };
}
