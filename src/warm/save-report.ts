import type { SaveReport, SaveState } from './types.ts';

/** The report of a save that moved nothing. */
export function emptySaveReport(
  state: SaveState,
  why: { readonly reason?: string; readonly hint?: string } = {},
): SaveReport {
  return {
    state,
    ...why,
    packsMoved: 0,
    bytesMoved: 0,
    entriesNew: 0,
    entriesUsed: 0,
    entriesRejected: 0,
    isCompacted: false,
    seconds: 0,
    phases: {},
    warnings: [],
  };
}
