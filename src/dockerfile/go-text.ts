/**
 * The few text functions of Go's standard library whose meaning differs from JavaScript's and on which BuildKit's parser rests.
 * JavaScript's `\s` and `trim` count U+FEFF as space and leave out U+0085; Go's unicode.IsSpace does the reverse.
 * Source: unicode.IsSpace in Go's src/unicode/graphic.go.
 */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code < 0x85) return false;
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Go's regexp `[\t\v\f\r ]`, by which BuildKit splits words. */
export function isWordBreak(code: number): boolean {
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d);
}

/** Go's regexp `\s`. */
export function isRegexpSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;
}

export function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && isSpace(text.charCodeAt(index))) index++;
  return index;
}

/** Where the text ends when trailing space is left out; never before `from`. */
export function trimmedEnd(text: string, from: number): number {
  let end = text.length;
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** strings.TrimSpace */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  return text.slice(start, trimmedEnd(text, start));
}

/** strings.ToLower: simple case mapping, so that U+0130 becomes a plain `i`. */
export function toLower(text: string): string {
  return (text.includes('\u0130') ? text.replaceAll('\u0130', 'i') : text).toLowerCase();
}

/** Bytes of the text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Each byte of the UTF-8 form as one character: for the places where BuildKit walks bytes instead of runes. */
export function toByteString(text: string): string {
  let result = '';
  for (const byte of encoder.encode(text)) result += String.fromCharCode(byte);
  return result;
}

export function fromByteString(bytes: string): string {
  return decoder.decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

/** path.Clean for slash paths. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  const joined = parts.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

/** path.Join */
export function joinPath(...parts: readonly string[]): string {
  const filled = parts.filter((part) => part !== '');
  return filled.length === 0 ? '' : cleanPath(filled.join('/'));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Is `path` the directory, or in it? Both clean. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}
