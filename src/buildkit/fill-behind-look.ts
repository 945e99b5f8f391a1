import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MountKind } from '../core/mount-kind.ts';
import { writeFetchLists } from './builder-fetch.ts';
import type { HelperMount } from './helper-dockerfile.ts';
import { type BuilderFetches, type InjectResult, readInjected } from './inject-packs.ts';

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
export async function writeFill(
  directory: string,
  { fill, mounts }: { readonly fill: FillBehindLook; readonly mounts: readonly HelperMount[] },
): Promise<void> {
  const file = (name: string, text: string): Promise<void> => writeFile(path.join(directory, name), text);
  for (const folder of ['need', 'trees', 'lists/gocache'])
    await mkdir(path.join(directory, folder), { recursive: true });
  await file('fill.txt', `${kib(fill.roomBytes)}\n`);
  await file('marker.txt', `${fill.marker}\n`);
  await file('lists/gocache/none', '');
  await file('trees/all', fill.opensTrees ? 'yes\n' : '');
  if (fill.isUnsigned) await file('unsigned.txt', '');
  for (const index of mounts.keys()) await file(`need/${index}`, `${kib(fill.neededBytes)}\n`);
  await writeFetchLists(directory, fill.packs);
}

export function readFilled(fill: FillBehindLook, answers: readonly (readonly string[])[]): InjectResult {
  const kinds: readonly MountKind[] = ['gocache'];
  return readInjected(kinds, { answers, fetched: fill.packs });
}

function kib(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
