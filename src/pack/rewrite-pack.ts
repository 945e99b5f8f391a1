import type { MountKind } from '../core/mount-kind.ts';
import { walkPack } from './read-pack.ts';
import type { PackFacts, Representation } from './types.ts';
import { createPackWriter, type PackWriter } from './write-pack.ts';

export interface RewritePackOptions {
  readonly kind: MountKind;
  /** Of the sources and of the new pack; default: `files`. */
  readonly representation?: Representation;
  /** Called in order, each once; the pack of each is read to its end and its structure checked. */
  readonly sources: readonly (() => AsyncIterable<Uint8Array>)[];
  readonly keep: (path: string) => boolean;
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Of zstd; default: 3. */
  readonly level?: number;
}

/**
 * Streams several packs into one that holds the chosen entries, each once: the first source that has it gives it.
 * Entries come out in the order they are met. What was written is worth nothing when this throws.
 */
export async function rewritePack(options: RewritePackOptions): Promise<PackFacts> {
  const writer = createPackWriter(options);
  const written = new Set<string>();
  try {
    for (const source of options.sources) await copyPack(source(), options, { writer, written });
    return await writer.end();
  } finally {
    writer.destroy();
  }
}

interface Target {
  readonly writer: PackWriter;
  readonly written: Set<string>;
}

async function copyPack(body: AsyncIterable<Uint8Array>, options: RewritePackOptions, target: Target): Promise<void> {
  // The reader calls back in the middle of a piece; the writer is slower. The work waits here until the piece is done.
  let work: (() => Promise<void>)[] = [];
  let isKept = false;
  await walkPack(body, {
    kind: options.kind,
    signal: options.signal,
    onEntry: (entry) => {
      isKept = !target.written.has(entry.path) && options.keep(entry.path);
      if (!isKept) return;
      target.written.add(entry.path);
      work.push(() => target.writer.startEntry(entry));
    },
    onContent: (chunk) => {
      if (isKept) work.push(() => target.writer.content(chunk));
    },
    onEntryEnd: () => {
      if (isKept) work.push(() => target.writer.endEntry());
    },
    onPause: async () => {
      const steps = work;
      work = [];
      for (const step of steps) await step();
    },
  });
  for (const step of work) await step();
}
