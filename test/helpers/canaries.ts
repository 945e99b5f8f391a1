import { randomBytes } from 'node:crypto';

/** A secret made for one test: random, so that finding it anywhere means that it was let out. */
export interface Canary {
  /** What it stands for: `password of a registry in docker's config.json`. */
  readonly kind: string;
  readonly value: string;
}

/** One place where a canary turned up. */
export interface Escape {
  readonly kind: string;
  /** How it was written there: `as it is`, `base64`. */
  readonly encoding: string;
  readonly offset: number;
}

/** A piece this long is enough to know a canary by, and for somebody to guess the rest. */
const PIECE = 12;

/** Letters and digits only, for where nothing else may stand. */
export function plainSecret(length = 36): string {
  const letters = randomBytes(length * 4)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '');
  return letters.slice(0, length);
}

/** With what URLs, forms, JSON and base64 write in ways of their own. */
export function awkwardSecret(): string {
  // Near both ends, so that a piece of it is written in its own way too.
  return `${plainSecret(8)}"/+${plainSecret(6)}~~~???${plainSecret(6)}"%&=${plainSecret(8)}`;
}

/** Ways in which a secret may be written down, each under its name. A piece of it counts as the whole. */
export function writingsOf(value: string): ReadonlyMap<string, readonly string[]> {
  const bytes = Buffer.from(value);
  const percent = encodeURIComponent(value);
  return new Map([
    ['as it is', [value]],
    ['cut off', [value.slice(0, PIECE), value.slice(-PIECE)]],
    ['in JSON', [JSON.stringify(value).slice(1, -1)]],
    ['percent-encoded', [percent, percent.replace(/%../g, (escape) => escape.toLowerCase())]],
    ['hex', [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]],
    ['base64', [0, 1, 2].map((before) => insideBase64(bytes, before, 'base64'))],
    ['base64url', [0, 1, 2].map((before) => insideBase64(bytes, before, 'base64url'))],
  ]);
}

/** The letters that these bytes alone decide, when so many others stand before them, as in `user:password`. */
function insideBase64(bytes: Buffer, before: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
  return text.slice(Math.ceil((8 * before) / 6), Math.floor((8 * (before + bytes.length)) / 6));
}

interface Needle {
  readonly kind: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** Looks for canaries in bytes: all of them, in all writings, in one pass. Of one place the first writing is told. */
export function createFinder(canaries: readonly Canary[]): (bytes: Uint8Array) => readonly Escape[] {
  // By their first three bytes, so that most places are passed by after one look.
  const starts = new Uint8Array(1 << 24);
  const byStart = new Map<number, Needle[]>();
  for (const { kind, value } of canaries) {
    for (const [encoding, texts] of writingsOf(value)) {
      for (const text of texts) {
        const bytes = Buffer.from(text);
        if (bytes.length < PIECE) throw new Error(`the canary of ${kind} is too short to be known by ${encoding}`);
        const start = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
        starts[start] = 1;
        byStart.set(start, [...(byStart.get(start) ?? []), { kind, encoding, bytes }]);
      }
    }
  }
  return (bytes) => {
    const found: Escape[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      start = ((start << 8) | bytes[at]!) & 0xffffff;
      if (at < 2 || starts[start] === 0) continue;
      const offset = at - 2;
      const needle = byStart.get(start)?.find((one) => isAt(bytes, offset, one.bytes));
      if (needle !== undefined) found.push({ kind: needle.kind, encoding: needle.encoding, offset });
    }
    return found;
  };
}

function isAt(bytes: Uint8Array, offset: number, wanted: Buffer): boolean {
  return wanted.equals(bytes.subarray(offset, offset + wanted.length));
}
