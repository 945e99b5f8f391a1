import { openTestStore } from './store-contract-open.ts';
import { warmClient } from './warm-client.ts';
import type { StoreSpec } from '../../src/store/store-spec.ts';

/**
 * A machine of its own that pushes to a store or pulls from it. With words in `argv[2]` (JSON of `WarmWords`) it does that
 * and ends; forked, it does what it is told by messages and answers each, until its parent lets go.
 */
export interface WarmWords {
  readonly spec: StoreSpec;
  readonly scope: string;
  readonly workDirectory: string;
  readonly order?: WarmOrder;
}

export type WarmOrder = { readonly push: readonly (readonly string[])[] } | { readonly pull: true };

/** Of a pull: its entries' contents. */
export type WarmAnswer =
  | { readonly contents: readonly string[]; readonly warnings: readonly string[] }
  | { readonly error: string };

const words = JSON.parse(process.argv[2] ?? '') as WarmWords;
const client = warmClient({ ...words, store: openTestStore(words.spec) });

async function obey(order: WarmOrder): Promise<WarmAnswer> {
  if ('push' in order) {
    await client.push(order.push);
    return { contents: [], warnings: [] };
  }
  const { entries, warnings } = await client.pull();
  return { contents: [...entries.values()], warnings };
}

if (words.order !== undefined) await obey(words.order);
process.on('message', (order: WarmOrder) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: String(error instanceof Error ? error.stack : error) }),
  );
});
if (process.send === undefined) process.removeAllListeners('message');
