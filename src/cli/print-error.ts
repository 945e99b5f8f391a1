import { isSlipwayError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import type { OutputStream } from './io.ts';
import { cleanText } from '../core/clean-text.ts';

/** One message for a person: what, what to do, and the code to search for. Stacks only when asked for. */
export function printError(stream: OutputStream, error: unknown, isDebug: boolean): void {
  const write = (line: string): void => {
    stream.write(`${line}\n`);
  };
  if (isSlipwayError(error)) {
    for (const [index, line] of error.message.split('\n').entries()) {
      write(index === 0 ? `slipway: error: ${cleanText(line)} [${error.code}]` : `  ${cleanText(line)}`);
    }
    if (error.hint !== undefined) write(`slipway: hint: ${cleanText(error.hint)}`);
  } else {
    const message = redact(error instanceof Error ? error.message : String(error));
    write(`slipway: error: ${cleanText(message.split('\n')[0] ?? '')} [INTERNAL]`);
    if (!isDebug) write('slipway: hint: This is a fault of slipway itself; `--debug` prints where it happened.');
  }
  if (isDebug) write(redact(formatStack(error)));
}

function formatStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${formatStack(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
