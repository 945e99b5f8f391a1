import { createHash } from 'node:crypto';

/** Room in a tag (128) for `-<sequence, up to 16 digits>-<8 hex digits>`, rounded down. */
const MAX_LENGTH = 100;
const KEPT_LENGTH = 60;
const SHORTENED = /^[a-z0-9._-]{60}_h[0-9a-f]{32}$/;
const SNAPSHOT_ENDING = /-(\d+-[0-9a-f]{8})$/;

/**
 * A scope as a registry tag and as a directory name: `a-z 0-9 . -` stay, every other byte of the UTF-8 becomes `_` and two
 * hex digits; so do capitals, since some disks can't tell them apart. Reversible, except that a long one ends in `_h` and
 * a hash; such a shortened form is accepted as a scope and stays as it is. See `docs/formats/store-layout.md`.
 */
export function encodeScope(scope: string): string {
  if (SHORTENED.test(scope)) return scope;
  let encoded = '';
  for (const byte of Buffer.from(scope, 'utf8')) {
    const character = String.fromCharCode(byte);
    const isKept = /[a-z0-9]/.test(character) || (/[.-]/.test(character) && encoded !== '');
    encoded += isKept ? character : escapeByte(byte);
  }
  if (encoded === '') return '_';
  // `main-5-0a0b0c0d` as a scope must not look like a snapshot of the scope `main`.
  encoded = encoded.replace(SNAPSHOT_ENDING, '_2d$1');
  if (encoded.length <= MAX_LENGTH) return encoded;
  const hash = createHash('sha256').update(scope).digest('hex').slice(0, 32);
  return `${encoded.slice(0, KEPT_LENGTH)}_h${hash}`;
}

/** The scope that was encoded, the shortened form for a long one, or undefined for what no scope encodes to. */
export function decodeScope(encoded: string): string | undefined {
  if (SHORTENED.test(encoded)) return encoded;
  if (encoded === '_') return '';
  if (!/^(?:[a-z0-9.-]|_[0-9a-f]{2})+$/.test(encoded)) return undefined;
  const bytes = encoded.replace(/_([0-9a-f]{2})|([^_])/g, (_, hex: string | undefined, kept: string) =>
    hex === undefined ? Buffer.from(kept).toString('hex') : hex,
  );
  const scope = Buffer.from(bytes, 'hex').toString('utf8');
  return encodeScope(scope) === encoded ? scope : undefined;
}

function escapeByte(byte: number): string {
  return `_${byte.toString(16).padStart(2, '0')}`;
}

/** A store that lists its scopes knows a long one by its shortened form. */
export function isSameScope(a: string, b: string): boolean {
  return a === b || encodeScope(a) === encodeScope(b);
}
