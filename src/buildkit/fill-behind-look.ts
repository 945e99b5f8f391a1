import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MountKind } from '../core/mount-kind.ts';
import { type BuilderFetches, type InjectResult, readInjected, writeInjectFiles } from './inject-packs.ts';

/**
 * What the look's own step goes on to fetch when the GOCACHE mount holds nothing at all, as on a fresh worker: all packs that belong there.
 * The answers of the look come before it.
 */
export interface FillBehindLook extends BuilderFetches {
  /** Free space below which nothing is fetched. */
  readonly roomBytes: number;
  /** What it writes. */
  readonly neededBytes: number;
  /** See `InjectRequest`. */
  readonly marker: string;
  readonly isUnsigned: boolean;
  /** The build will have modules as trees. */
  readonly opensTrees: boolean;
}

/** A fill that has begun. */
export interface RunningFill {
  /** Rejects with the reason of `stop`, and as `injectPacks` does. */
  readonly done: Promise<InjectResult>;
  /** Ends it. What came by then are whole entries. */
  stop(reason: unknown): void;
}

/** The files of the step's context: those of an inject build that has no packs of its own. */
export async function writeFill(directory: string, kinds: readonly MountKind[], fill: FillBehindLook): Promise<void> {
  const { neededBytes, marker, isUnsigned, packs, plan, onBytes } = fill;
  await writeInjectFiles(directory, kinds, {
    packs: [],
    present: [],
    earlier: [],
    fetches: { packs, plan, onBytes },
    neededBytes: { gocache: neededBytes, gomodcache: 0 },
    isUnsigned,
    marker,
  });
  if (fill.opensTrees) await writeFile(path.join(directory, 'trees', 'all'), 'yes\n');
  await writeFile(path.join(directory, 'fill.txt'), `${Math.ceil(fill.roomBytes / 1024)}\n`);
}

export function readFilled(fill: FillBehindLook, answers: readonly (readonly string[])[]): InjectResult {
  return readInjected(['gocache'], { answers, fetched: fill.packs });
}
