import { appendFileSync } from 'node:fs';

/** What a suite went through, as docs/reliability.md publishes it. */
export interface CountedCases {
  /** `R1` … `R22` of the plan in docs/reliability.md. */
  readonly suite: `R${number}`;
  /** In the plural, as the table says it: `bytes of a pack flipped`. Lines of the same name add up. */
  readonly what: string;
  readonly cases: number;
  /** Repeats the run by `SLIPWAY_SEED`. */
  readonly seed?: number;
  /** The worst that was measured, unit in the name: `{ worstSeconds: 4.1 }`. Of several the highest counts. */
  readonly worst?: Readonly<Record<string, number>>;
}

/**
 * Tells `npm run reliability` how many cases ran; call it when they have passed. In other runs it does nothing. The
 * suite itself asserts its count, so that one that shrank fails.
 */
export function countCases(counted: CountedCases): void {
  const file = process.env['SLIPWAY_COUNTS'];
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(counted)}\n`);
}
