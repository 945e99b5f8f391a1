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
  let kept: Buffer[] | undefined = [];
  return {
    update: (chunk) => {
      inner.update(chunk);
      // What is no archive is let go with its first chunk.
      if (kept?.length === 0 && chunk.length >= ARCHIVE.length && ARCHIVE.compare(chunk, 0, ARCHIVE.length) !== 0)
        kept = undefined;
      kept?.push(Buffer.from(chunk));
    },
    finish: async () => {
      const verdict = await inner.finish();
      const object = kept === undefined || verdict.damaged !== undefined ? undefined : readObject(Buffer.concat(kept));
      kept = undefined;
      if (object !== undefined) onObject(object);
      return verdict;
    },
  };
}
