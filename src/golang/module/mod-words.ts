/**
 * The meaning of a word of go.mod: `"quoted"` words are unquoted, other quotes refused (undefined).
 * Source: parseString in golang.org/x/mod/modfile/rule.go
 */
export function unquoteWord(word: string): string | undefined {
  if (word.startsWith('"')) return unquoteGo(word);
  return /["'`]/.test(word) ? undefined : word;
}

/** `./x`, `../x`, `/x`, `C:\x`: a directory, not a module. Source: modfile.IsDirectoryPath */
export function isDirectoryPath(path: string): boolean {
  return /^\.{1,2}(?:$|[/\\])|^[/\\]|^[A-Za-z]:/.test(path);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

const ENCODER = new TextEncoder();
const ESCAPE = /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/**
 * strconv.Unquote for `"…"`; undefined when Go would refuse the text.
 * Bytes written as `\x80` and above are kept only where they make up UTF-8.
 */
export function unquoteGo(text: string): string | undefined {
  if (text.length < 2 || !text.endsWith('"')) return undefined;
  const body = text.slice(1, -1);
  if (!body.includes('\\')) return /["\n]/.test(body) ? undefined : body;
  const bytes: number[] = [];
  for (let at = 0; at < body.length; ) {
    const char = String.fromCodePoint(body.codePointAt(at) ?? 0);
    if (char === '"' || char === '\n') return undefined;
    if (char !== '\\') {
      bytes.push(...ENCODER.encode(char));
      at += char.length;
      continue;
    }
    ESCAPE.lastIndex = at;
    const match = ESCAPE.exec(body);
    const value = match === null ? undefined : escapedBytes(match);
    if (match === null || value === undefined) return undefined;
    bytes.push(...value);
    at += match[0].length;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

function escapedBytes(match: RegExpExecArray): Iterable<number> | undefined {
  const [, simple, hex, short, long, octal] = match;
  if (simple !== undefined) return ENCODER.encode(SIMPLE_ESCAPES[simple] ?? '');
  if (hex !== undefined) return [Number.parseInt(hex, 16)];
  if (octal !== undefined) return Number.parseInt(octal, 8) > 255 ? undefined : [Number.parseInt(octal, 8)];
  const point = Number.parseInt(short ?? long ?? '', 16);
  // A surrogate half is no character: https://go.dev/ref/spec#Rune_literals
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
  return ENCODER.encode(String.fromCodePoint(point));
}
