import { newSha256 } from '../core/digest.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { ACTION_BYTES, type ActionRecord, parseActionRecord } from './action-record.ts';
import { entryVersion } from './grammar.ts';
import type { Entry, Representation } from './types.ts';
import { checkZipDirectory, ZIP_TAIL_BYTES } from './zip-directory.ts';

/** Looks at the content of one entry as it streams by. */
export interface ContentCheck {
  update(chunk: Uint8Array): void;
  finish(): ContentVerdict | Promise<ContentVerdict>;
}

/** `damaged` says why the entry must not travel. */
export interface ContentVerdict {
  readonly damaged?: string;
  readonly action?: ActionRecord;
}

/** Go reads no larger ones: `MaxGoMod` and `MaxZipFile` of golang.org/x/mod/zip. */
const MAX_MOD_BYTES = 16 * 1024 ** 2;
const MAX_ZIP_BYTES = 500 * 1024 ** 2;
const MAX_INFO_BYTES = 1024 ** 2;

/** The check for an entry whose path the grammar let through. */
export function createContentCheck(
  kind: MountKind,
  entry: Entry,
  representation: Representation = 'files',
): ContentCheck {
  // What a file of a module must be, only go.sum can say.
  if (representation !== 'files') return { update: () => {}, finish: () => ({}) };
  if (kind === 'gocache') return entry.path.endsWith('-d') ? checkOutput(entry) : checkAction(entry);
  if (entry.path.endsWith('.zip')) return checkZip(entry);
  return entry.path.endsWith('.mod')
    ? checkSmall(entry, MAX_MOD_BYTES, checkMod)
    : checkSmall(entry, MAX_INFO_BYTES, (bytes) => checkInfo(entry.path, bytes));
}

/** An output is named by the SHA-256 of its bytes. Go compares sizes only, so this is where altered bytes are found. */
function checkOutput(entry: Entry): ContentCheck {
  const hash = newSha256();
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    finish: () =>
      hash.digest('hex') === entry.path.slice(3, 67) ? {} : { damaged: 'the content does not hash to its name' },
  };
}

function checkAction(entry: Entry): ContentCheck {
  return collect(entry, ACTION_BYTES, (bytes) => {
    const action = parseActionRecord(entry.path, bytes);
    return typeof action === 'string' ? { damaged: action } : { action };
  });
}

function checkSmall(entry: Entry, maxBytes: number, check: (bytes: Buffer) => string | undefined): ContentCheck {
  return collect(entry, maxBytes, (bytes) => {
    const damaged = check(bytes);
    return damaged === undefined ? {} : { damaged };
  });
}

/** Keeps the content of small files only; a larger one is damaged by its size. */
function collect(entry: Entry, maxBytes: number, judge: (bytes: Buffer) => ContentVerdict): ContentCheck {
  const chunks: Uint8Array[] = [];
  const isTooLarge = entry.sizeBytes > maxBytes;
  return {
    update: (chunk) => {
      if (!isTooLarge) chunks.push(chunk);
    },
    finish: () =>
      isTooLarge
        ? { damaged: `larger than ${maxBytes} bytes, the most that it can have` }
        : judge(Buffer.concat(chunks)),
  };
}

/** Keeps the last bytes only, where a zip has its directory. */
function checkZip(entry: Entry): ContentCheck {
  if (entry.sizeBytes > MAX_ZIP_BYTES) return { update: () => {}, finish: () => ({ damaged: 'larger than Go reads' }) };
  const chunks: Uint8Array[] = [];
  const skip = Math.max(0, entry.sizeBytes - ZIP_TAIL_BYTES);
  let seen = 0;
  return {
    update: (chunk) => {
      const from = Math.min(chunk.length, Math.max(0, skip - seen));
      if (from < chunk.length) chunks.push(chunk.subarray(from));
      seen += chunk.length;
    },
    finish: () => {
      const damaged = checkZipDirectory(Buffer.concat(chunks), entry.sizeBytes);
      return damaged === undefined ? {} : { damaged };
    },
  };
}

/** A lost write leaves zeros; a go.mod that Go keeps is text. */
function checkMod(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return 'a go.mod file with NUL bytes';
  return /[!-~]/.test(bytes.toString('latin1')) ? undefined : 'an empty go.mod file';
}

/**
 * `RevInfo`: https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/modfetch/repo.go
 * Go takes a key in any case for the same field, the last one wins: a document with two such keys says one thing to Go
 * and another to us.
 */
function checkInfo(path: string, bytes: Buffer): string | undefined {
  let info: unknown;
  try {
    info = JSON.parse(bytes.toString('utf8'));
  } catch {
    return 'an .info file that is not JSON';
  }
  if (typeof info !== 'object' || info === null || !('Version' in info)) return 'an .info file without a version';
  const keys = Object.keys(info);
  const isAmbiguous = new Set(keys.map((key) => key.toLowerCase())).size !== keys.length;
  if (isAmbiguous || keys.some((key) => /[^ -~]/.test(key))) return 'an .info file that says a thing twice';
  if ('Time' in info && !isTime(info.Time)) return 'an .info file without a sound time';
  return info.Version === entryVersion(path) ? undefined : 'the .info file of another version';
}

/** RFC 3339, as Go writes times into JSON. */
function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)$/.test(value);
}
