import { DECLARATIONS, readImports } from './go-file.ts';
import { goTokens, type GoToken } from './go-tokens.ts';

/** What a Go file needs of others, for every platform. */
export interface GoHeader {
  /** Import paths as written, `C` among them. */
  readonly imports: readonly string[];
  /** May carry `//go:embed` lines. Some text that only looks like one counts too. */
  readonly mayEmbed: boolean;
}

/** Nearly every header ends before. */
const HEAD_BYTES = 16 * 1024;

/** Reads no further than the imports, which makes it quick enough for every file of every module. Nothing is refused. */
export function readGoHeader(text: string): GoHeader {
  const { imports } = readHead(text);
  return { imports, mayEmbed: imports.includes('embed') && text.includes('//go:embed') };
}

/** The same byte by byte; most of a large file never becomes a text. */
export function readGoHeaderBytes(content: Buffer): GoHeader {
  const { imports, isOver } = readHead(content.toString('latin1', 0, HEAD_BYTES));
  if (!isOver && content.length > HEAD_BYTES) return readGoHeader(content.toString('latin1'));
  return { imports, mayEmbed: imports.includes('embed') && content.includes('//go:embed') };
}

function readHead(text: string): { readonly imports: readonly string[]; readonly isOver: boolean } {
  const code: GoToken[] = [];
  const unmarked = withoutMark(text);
  let isOver = false;
  for (const token of goTokens(unmarked)) {
    if (token.kind === 'name' && DECLARATIONS.has(token.text)) {
      // At the end of the text it may be the beginning of a longer name.
      isOver = token.start + token.text.length < unmarked.length;
      break;
    }
    if (token.kind !== 'comment') code.push(token);
  }
  if (code[0]?.text !== 'package' || code[1]?.kind !== 'name') return { imports: [], isOver };
  const { imports } = readImports(code, code[2]?.text === ';' ? 3 : 2);
  return { imports: [...new Set(imports.map(({ path }) => path))], isOver };
}

/** Go passes over a byte order mark at the start, read as UTF-8 or byte by byte. */
function withoutMark(text: string): string {
  return text.replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)/, '');
}
