export type GoTokenKind = 'name' | 'string' | 'number' | 'comment' | 'operator';

/** A token of Go source. Rune literals and numbers are both `number`; operators come one character each. */
export interface GoToken {
  readonly kind: GoTokenKind;
  readonly text: string;
  readonly start: number;
}

// A string that isn't closed on its line, and a comment that never ends, run to the end of the line or file: no text stops the scan.
const TOKEN =
  /(?<name>[\p{L}_][\p{L}\p{Nd}_]*)|(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|`[^`]*`?)|(?<number>'(?:[^'\\\n]|\\.)*'?|[0-9][\p{L}\p{Nd}_.]*)|(?<operator>\S)/uy;

/** Scans Go source, comments included. It knows no grammar, and every text has tokens. */
export function* scanGo(text: string, from = 0): Generator<GoToken, void, void> {
  for (let at = from; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      at++;
      continue;
    }
    const [found] = match;
    yield { kind: kindOf(match.groups), text: found, start: at };
    at += found.length;
  }
}

function kindOf(groups: Readonly<Record<string, string | undefined>> = {}): GoTokenKind {
  if (groups['name'] !== undefined) return 'name';
  if (groups['operator'] !== undefined) return 'operator';
  if (groups['string'] !== undefined) return 'string';
  return groups['comment'] === undefined ? 'number' : 'comment';
}
