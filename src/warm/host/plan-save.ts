import { outputPath } from '../../pack/action-record.ts';
import type { EntryFile } from './list-entries.ts';

/** Go doesn't refresh the time of an entry that is younger: https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cache/cache.go#L388 */
const UNREFRESHED_MS = 3600_000;
/** File systems round times, and a kernel's clock for them runs a little behind. */
const SLACK_MS = 2000;
const A_MINUTE_MS = 60_000;

export interface Listing {
  readonly files: readonly EntryFile[];
  /** When the command began. */
  readonly sinceMs: number;
}

export interface BuildCachePlan {
  /** What the command may have used, as far as times tell. */
  readonly usedNames: readonly string[];
  /** What the command made, or used for the first time in an hour. */
  readonly touched: readonly string[];
}

/** Files that are not older than a minute before the command began: all of them, where the cache was empty. */
export function countYoung({ files, sinceMs }: Listing): number {
  return files.filter(({ modifiedAtMs }) => modifiedAtMs >= sinceMs - A_MINUTE_MS).length;
}

/**
 * A machine's build cache serves other programs too, which are nobody's business here: only what the command itself made
 * or refreshed may be saved, never all that is there.
 */
export function planBuildCache({ files, sinceMs }: Listing): BuildCachePlan {
  const youngerThan = (ms: number): readonly EntryFile[] => files.filter(({ modifiedAtMs }) => modifiedAtMs >= ms);
  return {
    usedNames: youngerThan(sinceMs - UNREFRESHED_MS).map((file) => file.path),
    touched: youngerThan(sinceMs - SLACK_MS).map((file) => file.path),
  };
}

/**
 * What of it goes into packs: what the store lacks, and the outputs of those actions, which Go leaves alone where it makes one anew
 * that is there already. `outputs` are the hashes that the touched actions name.
 */
export function planNewNames(
  { files }: Pick<Listing, 'files'>,
  about: {
    readonly touched: readonly string[];
    readonly outputs: readonly string[];
    readonly known: ReadonlySet<string>;
  },
): readonly string[] {
  const wanted = new Set([...about.touched, ...about.outputs.map(outputPath)]);
  return files.map((file) => file.path).filter((name) => wanted.has(name) && !about.known.has(name));
}

/** How many packs so many entries make, as the helper of a builder does it (src/buildkit/scripts/extract.ts). */
export function countPacks(kind: 'gocache' | 'gomodcache', entries: number): number {
  const [per, most] = kind === 'gocache' ? [500, 8] : [100, 4];
  return Math.max(Math.min(Math.ceil(entries / per), most), Math.ceil(entries / 8000));
}
