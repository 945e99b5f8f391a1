import type { Located, TextRange } from '../text-range.ts';
import { unquoteGo } from '../module/mod-words.ts';
import { type FileConstraint, readFileConstraint } from './build-constraint.ts';
import { type ListenAddress, readListenAddresses } from './listen-addresses.ts';
import { type GoToken, scanGo } from './go-tokens.ts';
import { readStringVariables } from './package-variables.ts';

export interface GoImport {
  readonly path: string;
  /** The name written before the path: `_`, `.` or a name of its own. */
  readonly alias: string | undefined;
  readonly range: TextRange;
}

/** What the text of one Go file says, for every platform. */
export interface GoSource {
  /** The name of the package clause; undefined when there is none, and then there is nothing else either. */
  readonly packageName: string | undefined;
  readonly imports: readonly GoImport[];
  readonly constraint: FileConstraint;
  /** The patterns of `//go:embed`, one each; empty unless the file imports `embed`. */
  readonly embeds: readonly Located<string>[];
  /** The commands of `//go:generate`. */
  readonly generates: readonly Located<string>[];
  /** Declares `func main()`. */
  readonly declaresMain: boolean;
  /** Which names of an import are used: `net/http` -> `Get`, `Client`. Only for imports that aren't `_` or `.`. */
  readonly uses: ReadonlyMap<string, ReadonlySet<string>>;
  readonly listens: readonly ListenAddress[];
  /** Package-level variables that `-ldflags=-X` can set. */
  readonly stringVariables: readonly string[];
}

const NOTHING: GoSource = {
  packageName: undefined,
  imports: [],
  constraint: undefined,
  embeds: [],
  generates: [],
  declaresMain: false,
  uses: new Map(),
  listens: [],
  stringVariables: [],
};

/** Reads one Go file. Nothing is refused: from what isn't Go come fewer facts. */
export function readGoSource(text: string): GoSource {
  const tokens = scanGo(text);
  const code = tokens.filter(({ kind }) => kind !== 'comment');
  const clause = code[1];
  if (code[0]?.text !== 'package' || clause?.kind !== 'name') return NOTHING;
  const head = readImports(code, code[2]?.text === ';' ? 3 : 2);
  const body = code.slice(head.next);
  const bodyStart = body[0]?.start ?? text.length;
  const comments = tokens.filter(({ kind, text: comment }) => kind === 'comment' && comment.startsWith('//go:'));
  const hasEmbed = head.imports.some(({ path }) => path === 'embed');
  return {
    packageName: clause.text,
    imports: head.imports,
    constraint: readFileConstraint(text.slice(0, bodyStart)),
    embeds: hasEmbed ? comments.flatMap(readEmbed) : [],
    generates: comments.filter(({ start }) => isLineStart(text, start)).flatMap(readGenerate),
    declaresMain: body.some((token, index) => isMainAt(body, index) && token.text === 'func'),
    uses: readUses(body, head.imports),
    listens: readListenAddresses(body, head.imports),
    stringVariables: readStringVariables(body),
  };
}

export interface Head {
  readonly imports: readonly GoImport[];
  /** Index of the first token below the imports. */
  readonly next: number;
}

/** The import declarations that begin at token `from`. */
export function readImports(code: readonly GoToken[], from: number): Head {
  const imports: GoImport[] = [];
  let at = from;
  while (code[at]?.text === 'import' && code[at]?.kind === 'name') {
    at++;
    const isGroup = code[at]?.text === '(';
    if (isGroup) at++;
    for (;;) {
      const alias = code[at]?.kind === 'string' ? undefined : code[at];
      const path = alias === undefined ? code[at] : code[at + 1];
      if (path?.kind !== 'string' || (alias !== undefined && !isAlias(alias))) break;
      const value = unquoteLiteral(path.text);
      const range = { start: (alias ?? path).start, end: path.start + path.text.length };
      if (value !== undefined) imports.push({ path: value, alias: alias?.text, range });
      at += alias === undefined ? 1 : 2;
      if (code[at]?.text === ';') at++;
      if (!isGroup) break;
    }
    if (isGroup && code[at]?.text === ')') at++;
    if (code[at]?.text === ';') at++;
  }
  return { imports, next: at };
}

/** No import can stand behind the first of these. */
export const DECLARATIONS: ReadonlySet<string> = new Set(['func', 'var', 'const', 'type']);

function isAlias({ kind, text }: GoToken): boolean {
  return text === '.' || (kind === 'name' && !DECLARATIONS.has(text));
}

/** The value of a string literal, quoted or raw. */
export function unquoteLiteral(literal: string): string | undefined {
  if (!literal.startsWith('`')) return unquoteGo(literal);
  return literal.length > 1 && literal.endsWith('`') ? literal.slice(1, -1).replaceAll('\r', '') : undefined;
}

/** `func main()` at the top, not a method: nothing stands between `func` and `main`. */
function isMainAt(body: readonly GoToken[], index: number): boolean {
  return body[index]?.text === 'func' && body[index + 1]?.text === 'main' && body[index + 2]?.text === '(';
}

/** `//go:embed a "b c" dir/*`; a line with a broken quote says nothing. Source: Directive.ParseArgs in Go's src/go/ast/directive.go */
function readEmbed(comment: GoToken): readonly Located<string>[] {
  if (!/^\/\/go:embed\s/.test(comment.text)) return [];
  const patterns: Located<string>[] = [];
  const argument = /\s*(?:("(?:[^"\\\n]|\\.)*"|`[^`]*`)(?!\S)|([^\s"`]\S*))/y;
  const text = comment.text.trimEnd();
  for (argument.lastIndex = '//go:embed'.length; argument.lastIndex < text.length; ) {
    const match = argument.exec(text);
    const word = match?.[1] ?? match?.[2] ?? '';
    const value = match?.[1] === undefined ? word : unquoteLiteral(word);
    if (match === null || value === undefined) return [];
    const end = comment.start + argument.lastIndex;
    patterns.push({ value, range: { start: end - word.length, end } });
  }
  return patterns;
}

/** Source: isGoGenerate in Go's src/cmd/go/internal/generate/generate.go */
function readGenerate(comment: GoToken): readonly Located<string>[] {
  const command = /^\/\/go:generate[ \t](.*)$/.exec(comment.text)?.[1]?.trim();
  if (command === undefined || command === '') return [];
  return [{ value: command, range: { start: comment.start, end: comment.start + comment.text.length } }];
}

function isLineStart(text: string, at: number): boolean {
  return at === 0 || text.charAt(at - 1) === '\n';
}

/** `name.Other` where `name` is an import. A local variable of that name would deceive us; that costs a fact too many. */
function readUses(body: readonly GoToken[], imports: readonly GoImport[]): ReadonlyMap<string, ReadonlySet<string>> {
  const paths = new Map(imports.map((one) => [one.alias ?? guessName(one.path), one.path]));
  const uses = new Map<string, Set<string>>();
  for (const [index, token] of body.entries()) {
    if (token.text !== '.' || body[index + 1]?.kind !== 'name') continue;
    const path = paths.get(body[index - 1]?.text ?? '');
    if (path === undefined || body[index - 2]?.text === '.') continue;
    const names = uses.get(path) ?? new Set();
    uses.set(path, names.add(body[index + 1]?.text ?? ''));
  }
  return uses;
}

/** The name that a package most likely has: the last element of its path, without a major version. */
export function guessName(path: string): string {
  const elements = path.split('/');
  const last = elements.at(-1) ?? '';
  const name = /^v[0-9]+$/.test(last) && elements.length > 1 ? (elements.at(-2) ?? '') : last;
  return name.replace(/\.v[0-9]+$/, '').replace(/^go-|[-.]go$/g, '');
}
