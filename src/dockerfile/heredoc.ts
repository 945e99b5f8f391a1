import { isRegexpSpace } from './go-text.ts';
import { expandWord } from './word.ts';

export interface HeredocStart {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
  readonly fileDescriptor: number;
}

/**
 * The here-documents a logical line opens, in order.
 * Source: heredocsFromLine, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/parser.go#L477
 */
export function readHeredocStarts(line: string): readonly HeredocStart[] {
  const starts: HeredocStart[] = [];
  for (const word of splitRawWords(line)) {
    const start = word.includes('<<') ? readHeredocStart(word) : undefined;
    if (start !== undefined) starts.push(start);
  }
  return starts;
}

/** One word such as `<<EOF`, `3<<-"EOF"`; undefined when it isn't one. Throws WordError on a name with bad quotes. */
export function readHeredocStart(word: string): HeredocStart | undefined {
  const head = /^(\d*)<<(-?)/.exec(word);
  if (head === null) return undefined;
  let at = head[0].length;
  while (at < word.length && isRegexpSpace(word.charCodeAt(at))) at++;
  const rest = word.slice(at);
  if (rest === '' || rest.includes('<')) return undefined;
  // Only quotes, escapes, variables and space make the name another one than is written.
  const isPlain = /^[\w.-]+$/.test(rest);
  const words = isPlain ? [rest] : expandWord(rest, HEREDOC_WORD).words;
  if (words.length !== 1) return undefined;
  const rawWords = isPlain ? words : expandWord(rest, { ...HEREDOC_WORD, rawQuotes: true }).words;
  const name = words[0] ?? '';
  return {
    name,
    expand: isPlain || countQuotes(name) === countQuotes(rawWords[0] ?? ''),
    chomp: head[2] === '-',
    fileDescriptor: Number(head[1]),
  };
}

const HEREDOC_WORD = { escape: '\\', lookup: () => undefined, skipUnset: true } as const;

function splitRawWords(line: string): readonly string[] {
  try {
    return expandWord(line, { ...HEREDOC_WORD, rawQuotes: true, rawEscapes: true }).words;
  } catch {
    // A line with unbalanced quotes opens no here-document; BuildKit drops this error too.
    return [];
  }
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}
