import { DECLARATIONS, readImports } from './go-file.ts';
import { goTokens, type GoToken } from './go-tokens.ts';

/** What a Go file needs of others, for every platform. */
export interface GoHeader {
  /** Import paths as written, `C` among them. */
  readonly imports: readonly string[];
  /** May carry `//go:embed` lines. Some text that only looks like one counts too. */
  readonly mayEmbed: boolean;
}

const NOTHING: GoHeader = { imports: [], mayEmbed: false };

/** Reads no further than the imports, which makes it quick enough for every file of every module. Nothing is refused. */
export function readGoHeader(text: string): GoHeader {
  const code: GoToken[] = [];
  for (const token of goTokens(withoutMark(text))) {
    if (token.kind === 'name' && DECLARATIONS.has(token.text)) break;
    if (token.kind !== 'comment') code.push(token);
  }
  if (code[0]?.text !== 'package' || code[1]?.kind !== 'name') return NOTHING;
  const { imports } = readImports(code, code[2]?.text === ';' ? 3 : 2);
  const paths = [...new Set(imports.map(({ path }) => path))];
  return { imports: paths, mayEmbed: paths.includes('embed') && text.includes('//go:embed') };
}

/** Go passes over a byte order mark at the start, read as UTF-8 or byte by byte. */
function withoutMark(text: string): string {
  return text.replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)/, '');
}
