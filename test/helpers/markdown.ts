import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './tools.ts';

/** One Markdown file of the repository, taken apart as far as the tests of the documentation need it. */
export interface MarkdownPage {
  /** From the top of the repository, such as `docs/guides/lint.md`. */
  readonly path: string;
  /** Targets of links as they are written: `../cli.md#exit-codes`. */
  readonly links: readonly string[];
  /** What can stand behind `#`, as GitHub makes it from headings. */
  readonly anchors: ReadonlySet<string>;
  /** Text of fenced and indented blocks, in order. */
  readonly blocks: readonly string[];
  /** What stands between single backticks. */
  readonly inlineCodes: readonly string[];
}

const NOT_OURS = ['**/node_modules/**', '.tools/**', '.cache/**', 'dist/**', '**/fixtures/**'];

/** Every page of the repository, by path; fixtures are input of other tests. */
export function readMarkdownPages(): ReadonlyMap<string, MarkdownPage> {
  const paths = globSync('**/*.md', { cwd: PROJECT_ROOT, exclude: NOT_OURS }).sort();
  return new Map(paths.map((path) => [path, parseMarkdown(path, readFileSync(join(PROJECT_ROOT, path), 'utf8'))]));
}

export function parseMarkdown(path: string, text: string): MarkdownPage {
  const { prose, blocks } = splitBlocks(text);
  const withoutCode = prose.replace(/`[^`\n]+`/g, (code) => code.replace(/[[\]()]/g, ' '));
  return {
    path,
    links: [...withoutCode.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s+(\S+)/gm)].map(
      ([, inline, reference]) => inline ?? reference ?? '',
    ),
    anchors: anchorsOf(prose),
    blocks,
    inlineCodes: [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s*\n\s*/g, ' ')),
  };
}

/** An indented block begins behind an empty line; what stands deeper inside of a list is its text. */
function splitBlocks(text: string): { readonly prose: string; readonly blocks: readonly string[] } {
  const prose: string[] = [];
  const blocks: string[][] = [];
  let fence: string | undefined;
  let isIndented = false;
  for (const line of text.split('\n')) {
    const mark = /^\s*(```+)/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark === fence) fence = undefined;
      else blocks.at(-1)?.push(line);
    } else if (mark !== undefined) {
      fence = mark;
      blocks.push([]);
    } else if (/^ {4}/.test(line) && (isIndented || (prose.at(-1) ?? '') === '')) {
      if (!isIndented) blocks.push([]);
      isIndented = true;
      blocks.at(-1)?.push(line);
    } else {
      if (line !== '') isIndented = false;
      prose.push(line);
    }
  }
  return { prose: prose.join('\n'), blocks: blocks.map((lines) => lines.join('\n')) };
}

/** Letters, digits, `-` and `_` stay, spaces become `-`; a heading that comes again gets a number. */
function anchorsOf(prose: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(/^#{1,6}\s+(.+?)\s*$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = shown.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
