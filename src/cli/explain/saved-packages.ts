import { rm } from 'node:fs/promises';
import { readOptionalJson } from '../../core/read-optional-json.ts';
import { writeWhole } from '../../core/write-whole.ts';
import type { CompiledObject } from '../../golang/object/read-object.ts';

/** What `slipway save` saw compiled, after a build by another program. */
interface SavedPackages {
  readonly schemaVersion: 1;
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly savedAtMs: number;
  readonly compiled: readonly CompiledObject[];
}

/** Beside the kept build of the same directory, Dockerfile and target. */
const pathOf = (keptBuildPath: string): string => keptBuildPath.replace(/\.json$/, '.saved');

export async function writeSavedPackages(
  keptBuildPath: string,
  saved: Omit<SavedPackages, 'schemaVersion'>,
): Promise<void> {
  await writeWhole(pathOf(keptBuildPath), `${JSON.stringify({ schemaVersion: 1, ...saved })}\n`);
}

/**
 * The packages of a build that ended at `endedAtMs`; undefined when nobody saved after it. They are told once: the next
 * build has others. A file that was cut, edited or written by another version is as good as none.
 */
export async function takeSavedPackages(
  keptBuildPath: string,
  endedAtMs: number,
): Promise<readonly CompiledObject[] | undefined> {
  const path = pathOf(keptBuildPath);
  const saved = ((await readOptionalJson(path)) ?? {}) as Partial<SavedPackages>;
  const { schemaVersion, savedAtMs = Number.NaN, compiled } = saved;
  const isWhole = schemaVersion === 1 && Number.isFinite(savedAtMs) && Array.isArray(compiled);
  if (!isWhole || savedAtMs < endedAtMs) return undefined;
  await rm(path, { force: true });
  return compiled;
}
