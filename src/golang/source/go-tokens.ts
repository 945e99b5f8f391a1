export type GoTokenKind = 'name' | 'string' | 'number' | 'comment' | 'operator';

/** A token of Go source. Rune literals and numbers are both `number`; operators come one character each. */
export interface GoToken {
  readonly kind: GoTokenKind;
  readonly text: string;
  readonly start: number;
}

/** Scans Go source, comments included. It knows no grammar, and every text has tokens. */
export function scanGo(text: string): readonly GoToken[] {
  return [...goTokens(text)];
}

/** The same, token by token, for who needs the beginning only. */
export function* goTokens(text: string): Generator<GoToken> {
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) {
      at++;
      continue;
    }
    const kind = kindAt(text, at, code);
    const end = kind === 'operator' ? at + 1 : endOf(kind, text, at);
    yield { kind, text: text.slice(at, end), start: at };
    at = end;
  }
}

function kindAt(text: string, at: number, code: number): GoTokenKind {
  if (isWord(code)) return code >= 48 && code <= 57 ? 'number' : 'name';
  if (code === 34 || code === 96) return 'string';
  if (code === 39) return 'number';
  if (code !== 47) return 'operator';
  const next = text.charCodeAt(at + 1);
  return next === 47 || next === 42 ? 'comment' : 'operator';
}

/** What isn't closed runs to the end of its line, or of the file: nothing stops the scan. */
function endOf(kind: GoTokenKind, text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (kind === 'comment') {
    const isLine = text.charCodeAt(at + 1) === 47;
    const end = text.indexOf(isLine ? '\n' : '*/', at + 2);
    return end < 0 ? text.length : isLine ? end : end + 2;
  }
  if (code === 96) return closing(text, at);
  if (code === 34 || code === 39) return quoteEnd(text, at, code);
  let end = at + 1;
  // A number may have dots and letters; only where it ends matters here.
  while (end < text.length && (isWord(text.charCodeAt(end)) || (kind === 'number' && text[end] === '.'))) end++;
  return end;
}

function closing(text: string, at: number): number {
  const end = text.indexOf('`', at + 1);
  return end < 0 ? text.length : end + 1;
}

function quoteEnd(text: string, at: number, quote: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 92 && text.charCodeAt(end + 1) !== 10) end++;
    else if (code === 10) return end;
    else if (code === quote) return end + 1;
  }
  return text.length;
}

/** ASCII letters, digits, `_`, and all beyond ASCII: letters there, but for text that isn't Go anyway. */
function isWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code > 127
  );
}
