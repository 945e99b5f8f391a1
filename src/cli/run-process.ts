import { SlipwayError } from '../core/errors.ts';
import type { CliIo } from './io.ts';
import { runCli } from './run-cli.ts';
import { takeSigningKey } from '../session/take-signing-key.ts';

const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** How long cleaning up may take after the first signal. GitHub kills 7.5 s after its SIGINT. */
const CLEANUP_MS = 5000;

/** Runs a command line in this process: real streams, signals, exit code. */
export async function runProcess(words: readonly string[]): Promise<void> {
  const abort = new AbortController();
  let signalCode: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const code = SIGNAL_CODES[name];
      // The second signal means now. Children end with their group when this process goes.
      if (signalCode !== undefined) process.exit(code);
      signalCode = code;
      setTimeout(() => process.exit(code), CLEANUP_MS).unref();
      abort.abort(new SlipwayError('INTERRUPTED', `interrupted by ${name}`, { cause: name }));
    });
  }
  endQuietlyOnBrokenPipe(process.stdout);
  endQuietlyOnBrokenPipe(process.stderr);
  const signingKey = takeSigningKey(process.env);
  const io: CliIo = {
    env: process.env,
    signingKey,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: abort.signal,
    loadParts: async () => (await import('../session/wire.ts')).wire(),
  };
  const exitCode = await runCli(words, io);
  // Standard input that nobody read to its end would keep the process alive.
  process.exit(signalCode ?? exitCode);
}

/** `slipway cache ls | head` is no error: the reader has seen enough. */
function endQuietlyOnBrokenPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (stream === process.stdout) process.exit(0);
  });
}
