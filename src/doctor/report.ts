import type { Finding, Level } from './types.ts';

/** What `slipway doctor --format json` prints. */
export interface DoctorDocument {
  readonly schemaVersion: 1;
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Level, number>>;
}

export function toDocument(findings: readonly Finding[]): DoctorDocument {
  const counts = { ok: 0, info: 0, warning: 0, error: 0 };
  for (const { level } of findings) counts[level] += 1;
  return { schemaVersion: 1, findings, counts };
}
