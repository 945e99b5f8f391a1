/** The items of a round, each time from elsewhere, so that none is always early: behind a removal, or where memory is new, a machine is slower. */
export function inTurn<T>(items: readonly T[], round: number): readonly T[] {
  const start = (3 * round) % Math.max(1, items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
