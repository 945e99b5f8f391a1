import type { ContentCheck } from '../pack/content-check.ts';
import type { Entry } from '../pack/types.ts';
import { findSecret } from './secret-shapes.ts';
import { isTestResult } from './test-result.ts';

/** Finds the entries that are whole, but don't leave the builder. */
export interface OutputChecker {
  /** The same check, which looks at the text too where an entry may be one: a build cache output, an `.info`. */
  readonly watch: (entry: Entry, check: ContentCheck) => ContentCheck;
  /** By path, the name of what looks like a secret in it. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Paths of what `go test` keeps of its runs; empty when those may be saved. */
  readonly testResults: ReadonlySet<string>;
}

/** Texts of that size are looked through: a compiler's or a test's words, generated Go and C files. */
const MOST_TEXT_BYTES = 1024 ** 2;
const HEAD_BYTES = 64;
/** The last line of a test's output names its package. */
const TAIL_BYTES = 4096;

export function createOutputChecker(options: { readonly withTestResults: boolean }): OutputChecker {
  const secrets = new Map<string, string>();
  const testResults = new Set<string>();
  const judge = (entry: Entry, text: SeenText): void => {
    if (!options.withTestResults && isTestResult(text.head, text.tail)) testResults.add(entry.path);
    const secret = text.whole === undefined ? undefined : findSecret(text.whole);
    if (secret !== undefined) secrets.set(entry.path, secret);
  };
  return {
    secrets,
    testResults,
    watch: (entry, inner) => {
      if (!/(?:-d|\.info)$/.test(entry.path)) return inner;
      const seen = watchText(entry);
      return {
        update: (chunk) => {
          inner.update(chunk);
          seen.add(chunk);
        },
        finish: () => {
          judge(entry, seen.text());
          return inner.finish();
        },
      };
    },
  };
}

interface SeenText {
  /** One character for each byte. */
  readonly head: string;
  readonly tail: string;
  /** Undefined for what is no text, or too large to look through. */
  readonly whole: string | undefined;
}

/** Keeps a small text whole, of anything else both ends. */
function watchText({ sizeBytes }: Entry): { add(chunk: Uint8Array): void; text(): SeenText } {
  let kept: Buffer[] | undefined = sizeBytes <= MOST_TEXT_BYTES ? [] : undefined;
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  return {
    add: (chunk) => {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      if (kept !== undefined && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).includes(0)) kept = undefined;
      kept?.push(Buffer.from(chunk));
      const last = chunk.subarray(-TAIL_BYTES);
      tail = last.length === TAIL_BYTES ? Buffer.from(last) : Buffer.concat([tail, last]).subarray(-TAIL_BYTES);
    },
    text: () => ({
      head: head.toString('latin1'),
      tail: tail.toString('latin1'),
      whole: kept === undefined ? undefined : Buffer.concat(kept).toString('utf8'),
    }),
  };
}
