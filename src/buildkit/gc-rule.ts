/** One rule of a builder's garbage collection, as it is in force there. Sizes in bytes and times in seconds, 0 for none. */
export interface GcRule {
  /** Also BuildKit's own records and what images share. */
  readonly all: boolean;
  /** A record is meant when one of them matches; none: every record. */
  readonly filters: readonly string[];
  readonly keepSeconds: number;
  /** So much is always left. */
  readonly reservedBytes: number;
  readonly maxUsedBytes: number;
  /** So much of the disk shall be free. */
  readonly minFreeBytes: number;
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, us: 1e-6, ns: 1e-9 };

/** Seconds of Go's `48h0m0s`; a bare number, which old clients print, is seconds already. */
export function readGoDuration(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|µs|us|ns|s)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
}

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes of `512MB` (decimal) and `488.3MiB` (binary), as BuildKit's and docker's clients print them. */
export function readSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?$/i.exec(text.trim());
  if (match === null) return 0;
  const [, count, unit = '', binary] = match;
  return Math.round(Number(count) * (binary === '' ? 1000 : 1024) ** (POWERS[unit.toLowerCase()] ?? 0));
}
