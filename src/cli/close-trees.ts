import { text } from 'node:stream/consumers';
import { systemClock } from '../core/clock.ts';
import type { ProcessLife } from '../process/process-life.ts';
import { closeBehind } from '../warm/trees/close-behind.ts';
import type { ClosingOrder } from '../warm/trees/closing-will.ts';
import type { CliIo } from './io.ts';

/** `slipway __close-trees`: what a killed run left in its will is read from standard input; see `closing-will.ts`. */
export async function closeTreesOfWill({ stdin, signal }: Pick<CliIo, 'stdin' | 'signal'>): Promise<number> {
  const [order = '', ...clients] = (await text(stdin)).trimEnd().split('\n');
  await closeBehind(
    JSON.parse(order) as ClosingOrder,
    clients.map((line) => JSON.parse(line) as ProcessLife),
    { clock: systemClock, signal },
  );
  return 0;
}
