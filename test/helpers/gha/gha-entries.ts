import type { GhaGrant } from './gha-tokens.ts';

/** One entry as the service keeps it. */
export interface GhaEntry {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  /** The branch that wrote it. */
  readonly scope: string;
  readonly blob: string;
  readonly createdAtMs: number;
  usedAtMs: number;
  /** Undefined until it is finalized. */
  sizeBytes: number | undefined;
}

export interface GhaEntriesOptions {
  readonly now: () => number;
  readonly entriesPerMinute: number;
  readonly sizeLimitBytes: number;
}

export type Reserved =
  | { readonly outcome: 'reserved'; readonly entry: GhaEntry }
  | { readonly outcome: 'exists' | 'denied' }
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number };

const UNUSED_MS = 7 * 24 * 3600 * 1000;
const MINUTE_MS = 60_000;

export interface GhaEntries {
  all(): readonly GhaEntry[];
  reserve(grant: GhaGrant, key: string, version: string): Reserved;
  /** Undefined when there is no such reservation. */
  finalize(grant: GhaGrant, key: string, version: string, sizeBytes: number): GhaEntry | undefined;
  /** `denied` when the token may read nothing. */
  find(grant: GhaGrant, keys: readonly string[], version: string): GhaEntry | 'denied' | undefined;
  /** Takes an entry away, as eviction does. */
  evict(entry: GhaEntry): void;
}

/**
 * The rules of GitHub's cache, as its documentation and its official client have them:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching
 */
export function createGhaEntries({ now, entriesPerMinute, sizeLimitBytes }: GhaEntriesOptions): GhaEntries {
  const entries = new Set<GhaEntry>();
  const reservedAt: number[] = [];
  let lastId = 0;

  const dropUnused = (): void => {
    for (const entry of entries) if (now() - entry.usedAtMs > UNUSED_MS) entries.delete(entry);
  };
  const dropBeyondLimit = (): void => {
    const ready = [...entries].filter(({ sizeBytes }) => sizeBytes !== undefined);
    let total = ready.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
    for (const entry of ready.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (total <= sizeLimitBytes) return;
      total -= entry.sizeBytes ?? 0;
      entries.delete(entry);
    }
  };

  return {
    all: () => [...entries],
    evict: (entry) => void entries.delete(entry),

    reserve(grant, key, version) {
      dropUnused();
      const scope = grant.scopes.find(({ canWrite }) => canWrite)?.scope;
      if (scope === undefined) return { outcome: 'denied' };
      while (reservedAt.length > 0 && reservedAt[0]! <= now() - MINUTE_MS) reservedAt.shift();
      if (reservedAt.length >= entriesPerMinute) {
        return { outcome: 'too-many', retryAfterSeconds: Math.ceil((reservedAt[0]! + MINUTE_MS - now()) / 1000) };
      }
      reservedAt.push(now());
      const isTaken = [...entries].some((one) => one.key === key && one.version === version && one.scope === scope);
      if (isTaken) return { outcome: 'exists' };
      lastId += 1;
      const times = { createdAtMs: now(), usedAtMs: now(), sizeBytes: undefined };
      const entry: GhaEntry = { id: lastId, key, version, scope, blob: `blob-${lastId}`, ...times };
      entries.add(entry);
      return { outcome: 'reserved', entry };
    },

    finalize(grant, key, version, sizeBytes) {
      const scope = grant.scopes.find(({ canWrite }) => canWrite)?.scope;
      const entry = [...entries].find(
        (one) => one.key === key && one.version === version && one.scope === scope && one.sizeBytes === undefined,
      );
      if (!entry) return undefined;
      entry.sizeBytes = sizeBytes;
      entry.usedAtMs = now();
      dropBeyondLimit();
      return entry;
    },

    find(grant, keys, version) {
      dropUnused();
      const scopes = grant.scopes.filter(({ canRead }) => canRead).map(({ scope }) => scope);
      if (scopes.length === 0) return 'denied';
      // The newest last; of one moment the one that came later.
      const ready = [...entries].filter((one) => one.sizeBytes !== undefined && one.version === version);
      const newest = (matches: readonly GhaEntry[]): GhaEntry | undefined =>
        matches.toSorted((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id)[0];
      for (const scope of scopes) {
        const mine = ready.filter((one) => one.scope === scope);
        // Keys are told apart without regard to case; only the first may match as a whole before the others do in part.
        const isAlike = (key: string, wanted: string): boolean => key.toLowerCase() === wanted.toLowerCase();
        const begins = (key: string, wanted: string): boolean => key.toLowerCase().startsWith(wanted.toLowerCase());
        const found =
          mine.find(({ key }) => isAlike(key, keys[0]!)) ??
          keys.map((wanted) => newest(mine.filter(({ key }) => begins(key, wanted)))).find((one) => one !== undefined);
        if (!found) continue;
        found.usedAtMs = now();
        return found;
      }
      return undefined;
    },
  };
}
