import type { FileTree } from '../../core/file-tree.ts';
import type { Known } from '../values/certainty.ts';
import { directoryOf } from '../../core/file-tree.ts';
import { treePath } from '../values/tree-path.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';

/** What builds need to know of a Makefile: variables as written and the recipe lines of each target. Conditionals count as true in all branches. */
export interface MakeRecipes {
  readonly path: string;
  readonly variables: ReadonlyMap<string, Known>;
  readonly targets: ReadonlyMap<string, MakeTarget>;
  readonly defaultTarget: string | undefined;
}

export interface MakeTarget {
  readonly name: string;
  /** File it is written in: the Makefile or one it includes. */
  readonly file: string;
  readonly prerequisites: readonly string[];
  /** Logical lines, each a script of its own. */
  readonly recipes: readonly PlacedText[];
}

const MAKEFILE_NAMES = ['GNUmakefile', 'makefile', 'Makefile'];
const MAX_INCLUDES = 40;

export function isMakefilePath(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return MAKEFILE_NAMES.includes(name) || name.endsWith('.mk');
}

/** The Makefile that `make` finds in a directory. */
export function findMakefile(tree: FileTree, directory: string): string | undefined {
  return MAKEFILE_NAMES.map((name) => (directory === '' ? name : `${directory}/${name}`)).find((path) =>
    tree.hasFile(path),
  );
}

export function readMakeRecipes(tree: FileTree, path: string): MakeRecipes {
  const draft: Draft = {
    tree,
    directory: directoryOf(path),
    variables: new Map(),
    targets: new Map(),
    seen: new Set(),
  };
  readFile(draft, path);
  const names = [...draft.targets.keys()];
  return { path, ...draft, defaultTarget: names.find((name) => !name.startsWith('.') && !name.includes('%')) };
}

interface Draft {
  readonly tree: FileTree;
  readonly directory: string;
  readonly variables: Map<string, Known>;
  readonly targets: Map<string, MakeTarget & { readonly recipes: PlacedText[]; prerequisites: readonly string[] }>;
  readonly seen: Set<string>;
}

function readFile(draft: Draft, path: string): void {
  const text = draft.tree.read(path);
  if (text === undefined || draft.seen.has(path) || draft.seen.size >= MAX_INCLUDES) return;
  draft.seen.add(path);
  let current: readonly string[] = [];
  let isDefinition = false;
  for (const { start, end } of logicalLines(text)) {
    const line = text.slice(start, end);
    if (isDefinition) isDefinition = !/^\s*endef\b/.test(line);
    else if (/^\s*define\b/.test(line)) isDefinition = true;
    else if (line.startsWith('\t') && current.length > 0) {
      const placed = placedLine(text, start + 1, end);
      for (const name of current) draft.targets.get(name)?.recipes.push(placed);
    } else current = readLine(draft, path, line.replace(/\\\r?\n\s*/g, ' ')) ?? current;
  }
}

/** Reads a line that is no recipe; answers the targets of a rule that starts here. */
function readLine(draft: Draft, path: string, line: string): readonly string[] | undefined {
  const bare = line.replace(/(^|[^\\])#.*$/, '$1').trimEnd();
  const include = /^\s*[-s]?include\s+(.*)$/.exec(bare);
  if (include !== null) {
    for (const name of (include[1] ?? '').split(/\s+/)) {
      const found = treePath(draft.directory, name.replace(/\$[({]CURDIR[)}]\/?/g, ''));
      if (found !== undefined && name !== '') readFile(draft, found);
    }
    return [];
  }
  const assignment = /^\s*(?:export\s+|override\s+)*([A-Za-z_][\w.-]*)\s*(\?|:{1,3}|\+|!)?=\s?(.*)$/.exec(bare);
  if (assignment !== null) {
    const [, name = '', operator = '', value = ''] = assignment;
    setVariable(draft, name, operator, value.trim());
    return undefined;
  }
  const rule = /^([^\s#:=][^:=]*?)\s*::?(?![:=])\s*([^;=]*)(?:;(.*))?$/.exec(bare);
  if (rule === null) return undefined;
  const names = (rule[1] ?? '').split(/\s+/);
  const prerequisites = (rule[2] ?? '').split(/\s+/).filter((name) => name !== '' && name !== '|');
  for (const name of names) {
    const known = draft.targets.get(name);
    const all = [...(known?.prerequisites ?? []), ...prerequisites];
    draft.targets.set(name, { name, file: known?.file ?? path, recipes: known?.recipes ?? [], prerequisites: all });
  }
  return names;
}

function setVariable({ variables }: Draft, name: string, operator: string, value: string): void {
  const old = variables.get(name);
  if (operator === '?' && old !== undefined) return;
  const shell = operator === '!' ? `$(shell ${value})` : value;
  const joined = operator === '+' && old !== undefined ? `${old.text} ${shell}` : shell;
  // An own name in a value (`A := $(A) b`) is filled in at once, or it would never end.
  const self = new RegExp(`\\$[({]${name.replace(/[.]/g, '\\.')}[)}]`, 'g');
  variables.set(name, { text: joined.replace(self, () => old?.text ?? ''), certainty: 'known' });
}

function placedLine(text: string, start: number, end: number): PlacedText {
  return { text: text.slice(start, end), offsetAt: (index) => start + index, range: { start, end }, isExact: true };
}

function logicalLines(text: string): readonly { readonly start: number; readonly end: number }[] {
  const lines: { start: number; end: number }[] = [];
  let start = 0;
  let at = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end).trimEnd();
    at = end + 1;
    if (newline >= 0 && /(?:^|[^\\])(?:\\\\)*\\$/.test(content.slice(-40))) continue;
    lines.push({ start, end });
    start = at;
  }
  return lines;
}
