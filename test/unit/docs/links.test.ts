import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { parseMarkdown, readMarkdownPages, type MarkdownPage } from '../../helpers/markdown.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const pages = readMarkdownPages();

/** A link within the repository: the file it names and what stands behind `#`. */
function resolveLink(page: MarkdownPage, link: string): { readonly path: string; readonly anchor?: string } {
  const [file = '', anchor] = decodeURIComponent(link).split('#');
  const path = file === '' ? page.path : normalize(join(dirname(page.path), file)).replace(/\/$/, '');
  return anchor === undefined ? { path } : { path, anchor };
}

function isLocal(link: string): boolean {
  return !/^[a-z]+:/i.test(link);
}

function faultOf(page: MarkdownPage, link: string): string | undefined {
  const { path, anchor } = resolveLink(page, link);
  if (path.startsWith('..') || !existsSync(join(PROJECT_ROOT, path))) return `${link}: there is no ${path}`;
  const target = pages.get(path);
  if (anchor === undefined || target === undefined || target.anchors.has(anchor)) return undefined;
  return `${link}: no heading of ${path} gives #${anchor}`;
}

describe('links of Markdown pages', () => {
  it('are found, and anchors are those of GitHub', () => {
    const page = parseMarkdown(
      'a.md',
      '# `a` & B: c_d\n\n## X\n\n## X\n\n[one](b.md#x) `[no](c.md)`\n\n```\n[no](d.md)\n```\n\n    # no\n\n[two]: e.md\n',
    );
    expect(page.links).toEqual(['b.md#x', 'e.md']);
    expect([...page.anchors]).toEqual(['a--b-c_d', 'x', 'x-1']);
    expect(page.blocks).toEqual(['[no](d.md)', '    # no']);
  });

  it('has pages to look at', () => {
    expect([...pages.keys()]).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'docs/cli.md']));
    expect(pages.get('README.md')?.links.filter(isLocal).length).toBeGreaterThan(10);
  });

  it.each([...pages.values()])('lead to a file and a heading in $path', (page) => {
    const faults = page.links.filter(isLocal).map((link) => faultOf(page, link));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });
});

describe('docs/README.md', () => {
  const targetsOf = (page: MarkdownPage): readonly string[] =>
    page.links.filter(isLocal).map((link) => resolveLink(page, link).path);

  it('names every guide', () => {
    const named = new Set(targetsOf(pages.get('docs/README.md') as MarkdownPage));
    const guides = [...pages.keys()].filter((path) => path.startsWith('docs/guides/'));
    expect(guides.length).toBeGreaterThan(20);
    expect(guides.filter((path) => !named.has(path))).toEqual([]);
  });

  it('leads to every page below docs', () => {
    const reached = new Set(['docs/README.md']);
    for (const path of reached)
      for (const target of targetsOf(pages.get(path) as MarkdownPage)) if (pages.has(target)) reached.add(target);
    const decisions = /^docs\/adr\//;
    const below = [...pages.keys()].filter((path) => path.startsWith('docs/') && !decisions.test(path));
    expect(below.filter((path) => !reached.has(path))).toEqual([]);
  });
});

/**
 * Pages that tell of what is now; decisions and fragments tell of what was when they were written. The library's page
 * is made from the code, and names its modules from `src` on.
 */
const current = [...pages.values()].filter(({ path }) => !/^(docs\/adr|changes)\/|^docs\/api\.md$/.test(path));

it.each(current)('names only files that exist in $path', ({ inlineCodes }) => {
  // NAME and KIND stand for any.
  const named = inlineCodes.filter(
    (code) => !/NAME|KIND/.test(code) && /^(src|test|scripts|docs|bench|lint|action)\/[\w./-]*\w$/.test(code),
  );
  expect(named.filter((path) => !existsSync(join(PROJECT_ROOT, path)))).toEqual([]);
});
