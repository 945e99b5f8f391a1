import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../../src/report/data.ts';
import { renderPage } from '../../../src/report/render-page.ts';
import { documentOf, fullReport, hugeReport, STEPS } from '../../helpers/report-shapes.ts';
import { anyText } from '../../helpers/any-text.ts';

/** Names that mean something to a browser, a terminal, a runner, or JavaScript. */
const HOSTILE = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onload='x",
    '</style></svg><b>',
    '<!--',
    ']]>',
    '&lt;b&gt;',
    '::set-output name=x::y',
    '##[error]x',
    '\u001b]8;;http://e.example\u0007link\u001b]8;;\u0007',
    '\u202egnp.exe',
    'constructor',
    '__proto__',
    'javascript:alert(1)',
    '\ud800',
  ),
  anyText(40),
);

/** Every text of a report replaced: but for words of the format itself, and for what ties steps together. */
const FIXED = new Set([
  'state',
  'kind',
  'what',
  'direction',
  'severity',
  'confidence',
  'id',
  'after',
  'keyword',
  'schemaVersion',
  'steps',
  'stage',
]);

function poisoned(value: unknown, text: string, key = ''): unknown {
  if (typeof value === 'string') return FIXED.has(key) ? value : text;
  if (Array.isArray(value))
    return value.map((each) => (typeof each === 'string' ? poisoned(each, text, key) : poisoned(each, text)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, poisoned(each, text, name)]));
}

function page(text: string): string {
  return renderPage(poisoned(fullReport(), text) as ReportData);
}

/** The tags with their attributes' names, but for what follows from a text: code in backquotes, a shared directory. */
function skeleton(text: string): readonly string[] {
  const told = text.replace(/<p class="quiet">All below [^]*?<\/p>/g, '');
  const tags = [...told.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
  return tags.filter((tag) => !/^<\/?code>$/.test(tag));
}

describe('the page', () => {
  it('has every section, in words first', () => {
    const text = renderPage(fullReport());
    for (const words of [
      '4 of 7 steps re-ran because internal/word/word.go changed.',
      'file internal/word/word.go changed, and 1 more like it',
      'takes 6.9 s of the build&#39;s 10.4 s; the longest is RUN in line 6 (6.4 s)',
      '3 min 27 s less than the cold build on record',
      '5 packages were compiled, 4 of them because example.com/app/internal/word changed.',
      '27.0 MB came from the store, 359 kB went there.',
      'Next best fix: Remove <code>-a</code>',
      'slipway, the quickest',
      'builder-image: there is no registry to push to',
    ]) {
      expect(text).toContain(words);
    }
    const headings = [...text.matchAll(/<h2 id="(\w+)"/g)].map(([, id]) => id);
    expect(headings).toEqual(['next', 'layers', 'time', 'packages', 'cache', 'growth', 'findings', 'bench']);
  });

  it('leaves out what nobody knows', () => {
    const text = renderPage(
      fullReport({ run: undefined, history: [], bench: undefined, findings: [], document: documentOf(STEPS) }),
    );
    const headings = [...text.matchAll(/<h2 id="(\w+)"/g)].map(([, id]) => id);
    expect(headings).toEqual(['layers', 'time', 'findings']);
    expect(text).not.toContain('undefined');
    const empty = renderPage(fullReport({ run: undefined, history: [], document: documentOf([]) }));
    expect(empty).toContain('The build has no step that could re-run.');
  });

  it('holds no script and no style but its own, by a policy that says so', () => {
    const text = renderPage(fullReport());
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    expect(text).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`);
    expect(text).not.toMatch(/<script|\son\w+=|\sstyle=|(?:src|href)="(?!#|data:,")/i);
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('lets no name out of the text it stands in', () => {
    const plain = skeleton(page('x'));
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const made = page(text);
        expect(skeleton(made)).toEqual(plain);
        expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(made)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('draws a stage called as JavaScript calls its own', () => {
    const steps = STEPS.map((each) => ({ ...each, stage: each.stage === 'build' ? 'constructor' : '__proto__' }));
    expect(renderPage(fullReport({ document: documentOf(steps) }))).toContain('stage constructor');
  });

  it('stays under 500 kB with 300 steps and 3,000 packages, and is made quickly', () => {
    const data = hugeReport(300, 3000);
    const startedAt = performance.now();
    const text = renderPage(data);
    // The goal is a second; this only catches what is far off on a busy machine.
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(Buffer.byteLength(text)).toBeLessThan(500_000);
    expect(text).toContain('package-2999');
    expect(text).toContain('cmd/program-299');
  });

  it('tells long runs of like layers in one row', () => {
    const data = hugeReport(300, 0);
    const steps = data.steps.map((each) => ({ ...each, state: 'cached' as const, causes: [] }));
    expect(renderPage({ ...data, steps })).toContain('30 steps, lines 2 to 31');
  });
});
