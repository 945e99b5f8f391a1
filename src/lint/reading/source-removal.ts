import { removeStep, replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CopySource, CopyStep } from '../facts/step.ts';
import type { Edit } from '../types.ts';

/** Takes one source out of a COPY, or the COPY when it is the only one; undefined where it has no place of its own on its line. */
export function removeSource(build: ImageBuild, step: CopyStep, source: CopySource): Edit | undefined {
  if (step.sources.length === 1) return removeStep(build, step);
  const start = source.range?.start;
  const next = step.node.words.find(({ range }) => start !== undefined && range.start > start);
  if (start === undefined || next === undefined || step.isTrigger) return undefined;
  const end = next.range.start;
  return build.text.slice(start, end).includes('\n') ? undefined : replace(build.file, { start, end }, '');
}
