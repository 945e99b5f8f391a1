import type { StoreContext } from './types.ts';

export interface TransferCounter {
  /** Bytes of the packs that passed so far. */
  bytes(): number;
  /** Bytes that are still to come. */
  left(): number;
  onBytes(bytes: number): void;
  onPack(): void;
}

/** Counts what passes between this machine and the store, and tells it as it goes. */
export function createTransferCounter(
  context: StoreContext,
  direction: 'up' | 'down',
  packs: readonly { readonly sizeBytes: number }[],
): TransferCounter {
  const bytesTotal = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytesDone = 0;
  let packsDone = 0;
  const tell = (): void => {
    context.onEvent({ type: 'transfer', direction, bytesDone, bytesTotal, packsDone, packsTotal: packs.length });
  };
  return {
    bytes: () => bytesDone,
    left: () => Math.max(0, bytesTotal - bytesDone),
    onBytes: (count) => {
      bytesDone += count;
      tell();
    },
    onPack: () => {
      packsDone += 1;
      tell();
    },
  };
}
