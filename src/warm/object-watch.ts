import { readObject, type CompiledObject } from '../golang/object/read-object.ts';
import type { ContentCheck } from '../pack/content-check.ts';
import type { Entry } from '../pack/types.ts';

const ARCHIVE = Buffer.from('!<arch>\n');
/** Larger ones are held for nobody: a package of that size is generated code that somebody knows of. */
const MOST_BYTES = 32 * 1024 ** 2;

/** The same check, which also hands on what the compiler wrote: one call for each compiled package among the outputs. */
export function watchObjects(
  entry: Entry,
  inner: ContentCheck,
  onObject: (object: CompiledObject) => void,
): ContentCheck {
  if (!entry.path.endsWith('-d') || entry.sizeBytes > MOST_BYTES) return inner;
  /** All of it, in one piece: its symbols are spread over it. Pieces that are joined at the end would take the space twice. */
  let kept: Buffer | undefined;
  let filled = 0;
  return {
    update: (chunk) => {
      inner.update(chunk);
      // What is no archive is let go with its first chunk.
      if (filled === 0 && isArchive(chunk)) kept = Buffer.allocUnsafe(entry.sizeBytes);
      kept?.set(chunk, filled);
      filled += chunk.length;
    },
    finish: async () => {
      const verdict = await inner.finish();
      const object = kept === undefined || verdict.damaged !== undefined ? undefined : readObject(kept);
      kept = undefined;
      if (object !== undefined) onObject(object);
      return verdict;
    },
  };
}

/** A shorter chunk may still become one. */
function isArchive(start: Uint8Array): boolean {
  const length = Math.min(start.length, ARCHIVE.length);
  return ARCHIVE.compare(start, 0, length, 0, length) === 0;
}
