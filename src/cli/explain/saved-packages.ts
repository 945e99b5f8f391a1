import { rm } from 'node:fs/promises';
import { readOptional } from '../../core/read-optional.ts';
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
  const saved = parse(await readOptional(path));
  if (saved === undefined || saved.savedAtMs < endedAtMs) return undefined;
  await rm(path, { force: true });
  return saved.compiled;
}

function parse(text: string | undefined): SavedPackages | undefined {
  if (text === undefined) return undefined;
  try {
    const saved = JSON.parse(text) as Partial<SavedPackages> | null;
    const isWhole = saved?.schemaVersion === 1 && Number.isFinite(saved.savedAtMs) && Array.isArray(saved.compiled);
    return isWhole ? (saved as SavedPackages) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
