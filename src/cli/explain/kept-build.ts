import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf, hexOf } from '../../core/digest.ts';
import { readOptional } from '../../core/read-optional.ts';
import type { CompiledPackage, KnownPackages } from '../../explain/explain-packages.ts';
import type { ObservedVertex } from '../../explain/observed.ts';
import type { KeyedStep } from '../../explain/types.ts';

/** The last build of a target, and what the one before it was made of: all that explaining it needs. */
export interface KeptBuild {
  readonly schemaVersion: 1;
  /** ISO 8601, when the build ended. */
  readonly endedAt: string;
  readonly steps: readonly KeyedStep[];
  readonly vertices: readonly ObservedVertex[];
  readonly before?: readonly KeyedStep[] | undefined;
  /** What the build compiled; undefined when nobody looked: nothing was saved, or another program built. */
  readonly compiled?: readonly CompiledPackage[];
  /** How packages were compiled before it. */
  readonly known: KnownPackages;
}

/** What makes two builds the same but for their files and arguments. */
export interface BuildPlace {
  /** Absolute. */
  readonly context: string;
  /** Absolute. */
  readonly dockerfilePath: string;
  readonly target: string | undefined;
}

/** Where the last build of a target is kept. */
export function keptBuildPath(cacheDirectory: string, { context, dockerfilePath, target }: BuildPlace): string {
  const name = hexOf(digestOf(JSON.stringify([context, dockerfilePath, target ?? '']))).slice(0, 32);
  return join(cacheDirectory, 'builds', `${name}.json`);
}

/** undefined when there is none; a file that was cut, edited or written by another version is as good as none. */
export async function readKeptBuild(path: string): Promise<KeptBuild | undefined> {
  const text = await readOptional(path);
  if (text === undefined) return undefined;
  try {
    const kept = JSON.parse(text) as Partial<KeptBuild> | null;
    const isWhole =
      kept?.schemaVersion === 1 && Array.isArray(kept.steps) && Array.isArray(kept.vertices) && kept.known;
    return isWhole ? (kept as KeptBuild) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whole or not at all, and for its owner alone: the texts of a Dockerfile are nobody else's business. */
export async function writeKeptBuild(path: string, kept: KeptBuild): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
