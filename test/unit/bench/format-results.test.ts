import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareResults } from '../../../src/bench/compare.ts';
import { escapeMarkdown } from '../../../src/bench/escape-markdown.ts';
import { parseFailIf } from '../../../src/bench/fail-if.ts';
import { formatComparisonMarkdown, formatResultsMarkdown } from '../../../src/bench/format-markdown.ts';
import { formatComparison, formatJudgements, formatResults } from '../../../src/bench/format-text.ts';
import { judge } from '../../../src/bench/judge.ts';
import type { BenchResults } from '../../../src/bench/results.ts';
import { pace } from '../../../src/bench/words.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';

const results = madeUpResults();
const PLAIN = { width: 100, colours: false };

describe('results as text', () => {
  const text = formatResults(results, PLAIN);

  it('have a table for each scenario', () => {
    expect(text).toContain(
      [
        'edit-main',
        '  strategy  median s     interval     than none        between    down       up  stored',
        '  none           151    145 – 152                                  0 B      0 B     0 B',
        '  mounts        5.07  4.98 – 5.15  29.6x faster  28.5x – 30.3x     0 B      0 B     0 B',
        '  layers         118    113 – 119  1.28x faster  1.22x – 1.30x  232 MB  35.0 MB  595 MB',
        '  slipway       26.7  26.5 – 27.0  5.61x faster  5.43x – 5.68x  293 MB   100 kB  293 MB',
      ].join('\n'),
    );
    expect(text).toMatch(/\n {2}mounts +147 +144 – 149 +the same\? /);
  });

  it('say where the seconds go', () => {
    expect(text).toMatch(/\n {2}build +before +build s +after +download step +compile step\n/);
    expect(text).toMatch(/\n {2}mounts\/no-change +0\.60 +cached +cached\n/);
    expect(text).toMatch(/\n {2}slipway\/edit-main +17\.0 +9\.01 +0\.69 +2\.25 +4\.50\n/);
  });

  it('say what the intervals are worth and what was left out', () => {
    expect(text).toContain(
      'Of 5 builds the interval is the least to the greatest: it holds the true median 94 % of the time.',
    );
    expect(text).toContain('left out: builder-image: there is no registry to push to');
  });

  it('end with what to do', () => {
    expect(text.slice(text.indexOf('recommendation'))).toBe(
      [
        'recommendation',
        '  On fresh workers: slipway, 28.3 s per build (27.9 – 28.7), 294 MB down, 1.4 MB up, 294 MB stored.',
        '  It saves 2 min 1 s a build against none (150 s).',
        '  Break-even: 1 build a week, if the cache is filled anew once a week; filling it costs 19.8 s.',
        '  Break-even: a wire of 19.5 Mbit/s; on a slower one the 295 MB that a build moves more cost more',
        '    than they save.',
        '  On a builder that stays: the local cache is enough (mounts, 6.25 s per build (6.22 – 6.40), 0 B',
        '    down, 0 B up, 0 B stored).',
        '  A build here is 19 % no-change, 58 % edit-main, 23 % dependency-bump, with CGO_ENABLED=0.',
        '  Not measured, so not counted: edit-leaf, edit-wide, go-flags.',
        '',
      ].join('\n'),
    );
  });

  it.each([40, 60, 80, 120])('fit into %d columns, and keep strategy and median', (width) => {
    const narrow = formatResults(results, { width, colours: false });
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(narrow).toMatch(/\n {2}strategy +median s/);
  });

  it('keep numbers and their units together, however narrow it is', () => {
    const breaks = Array.from({ length: 80 }, (_, i) => formatResults(results, { width: i + 30, colours: false }));
    expect(breaks.filter((narrow) => /\d\n\s+(?:[kMG]?B|s|min|%|Mbit)\b/.test(narrow))).toEqual([]);
  });

  it('say the same with colours', () => {
    const coloured = formatResults(results, { width: 100, colours: true });
    expect(coloured).toContain('\u001b[32m5.61x faster\u001b[39m');
    expect(coloured).toContain('\u001b[31m1.17x slower\u001b[39m');
    expect(stripVTControlCharacters(coloured)).toBe(text);
  });

  it('name outliers, builds that were cut off, drift, and a run that was stopped', () => {
    const samples = results.samples.map((sample) => {
      const isOdd = sample.strategy === 'slipway' && sample.scenario === 'edit-main' && sample.repeat === 3;
      const isCut = sample.strategy === 'none' && sample.scenario === 'cold';
      const seconds = sample.seconds * (1 + sample.startedAfter / 10_000);
      return { ...sample, seconds: isOdd ? 90 : seconds, isCensored: isCut };
    });
    const odd = formatResults({ ...results, samples, isPartial: true }, { width: Infinity, colours: false });
    expect(odd).toMatch(
      /slipway\/edit-main, repeat 3: 90\.0 s is an outlier, [\d.]+ scaled deviations above the median; it counts\./,
    );
    expect(odd).toContain('none/cold: a time limit ended 5 of 5; they would have taken longer.');
    expect(odd).toMatch(/\n {2}none +≥ \d+ +\d+ – … /);
    expect(odd).toMatch(/The machine grew slower over the run: its last third took 1\.\d\dx its first, between/);
    expect(odd).toContain('The run was stopped before its end');
  });

  it('tell cgo only where a scenario was measured with both', () => {
    const withCgo = (cgo: 0 | 1): BenchResults['samples'] => results.samples.map((sample) => ({ ...sample, cgo }));
    expect(formatResults({ ...results, samples: withCgo(1) }, PLAIN)).toMatch(/\nedit-main\n[^]*\n {2}none\/cold /);
    const both = formatResults({ ...results, samples: [...withCgo(0), ...withCgo(1)] }, PLAIN);
    expect(both).toMatch(/\nedit-main\/no-cgo\n[^]*\nedit-main\/cgo\n[^]*\n {2}none\/cold\/cgo /);
  });

  it('count the packages that were compiled, where each build says so', () => {
    const samples = results.samples.map((sample) => ({
      ...sample,
      packagesCompiled: sample.scenario === 'cold' ? 600 : 2,
    }));
    const counted = formatResults({ ...results, samples }, PLAIN);
    expect(counted).toMatch(/compile step +packages\n/);
    expect(counted).toMatch(/\n {2}none\/cold .* 600\n/);
    expect(text).not.toContain('packages\n  none/cold');
  });

  it('of a quick run are called a hint', () => {
    const quick = formatResults(madeUpResults({ repeats: 1 }), PLAIN);
    expect(quick).toContain('A hint, from 1 round: five or more tell differences from noise.');
    expect(quick).toContain('One build says nothing of how much builds differ: no interval.');
    expect(quick).not.toContain('– ');
  });

  it('of nothing say so', () => {
    const nothing = formatResults({ ...results, samples: [], isPartial: true }, PLAIN);
    expect(nothing).toContain('Nothing was measured.');
    expect(nothing).toContain('None: no strategy was measured in all of the changes');
  });
});

describe('a comparison as text', () => {
  const after = madeUpResults({
    seed: 9,
    slower: ({ strategy, scenario }) => (strategy === 'slipway' && scenario === 'edit-main' ? 1.3 : 1),
  });
  const comparison = compareResults(results, after);
  const judgements = judge(parseFailIf(['slower>10%', 'slipway/edit-main:seconds>30']), after, comparison);

  it('tells each change, and fails where a condition does', () => {
    const text = formatComparison(comparison, { ...PLAIN, judgements });
    expect(text).toMatch(/\n {2}slipway\/edit-main +26\.7 +\d\d\.\d +\+\d\d % +\+\d\d % – \+\d\d % +slower\n/);
    expect(text).toMatch(/\n {2}none\/cold +.* no difference shown\n/);
    expect(text).toMatch(/\n {2}failed: slipway\/edit-main: slower>10% \(\+\d\d %, between \+\d\d % – \+\d\d %\)\n/);
    expect(text).toMatch(/\n {2}failed: slipway\/edit-main: slipway\/edit-main:seconds>30 \(3\d\.\d s, between/);
    expect(text).toMatch(/\n {2}passed: 15\n$/);
  });

  it('tells of bytes only where they changed', () => {
    expect(formatComparison(comparison, PLAIN)).not.toContain('\nbytes\n');
    const more = { ...after, samples: after.samples.map((sample) => ({ ...sample, bytesUp: sample.bytesUp * 2 })) };
    const text = formatComparison(compareResults(results, more), PLAIN);
    expect(text).toMatch(/\n {2}slipway\/edit-main +up +100 kB +200 kB +\+100 %\n/);
    expect(text).not.toMatch(/\n {2}none\/cold +up/);
  });

  it('warns of what else differs', () => {
    const other = { ...after, machine: { ...after.machine, cores: 8 } };
    expect(formatComparison(compareResults(results, other), PLAIN)).toContain('careful: cores: 2 before, 8 after');
  });

  it('has conditions of one run by themselves', () => {
    const alone = judge(parseFailIf(['slipway/edit-main:seconds>30']), results);
    expect(formatJudgements(alone, PLAIN)).toBe('conditions\n  passed: 1\n');
    expect(formatJudgements([], PLAIN)).toBe('');
  });
});

describe('names that mean harm', () => {
  const EVIL =
    'x\u001b[31m\r\n::set-output name=a::b\u202e<script>alert(1)</script>|@here `id` [a](http://b.example) ##[error]';
  const hostile: BenchResults = {
    ...results,
    machine: { ...results.machine, cpu: EVIL, kernel: EVIL, tools: { [EVIL]: EVIL } },
    project: { ...results.project, module: EVIL, program: EVIL, revision: EVIL },
    left: [EVIL, '::error::no'],
  };

  it.each([20, 100, Infinity])('are text to a terminal and to a runner of %d columns', (width) => {
    const text = formatResults(hostile, { width, colours: false });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toMatch(/^\s*::/m);
    expect(text).not.toContain('##[');
  });

  it('are text in Markdown', () => {
    const text = formatResultsMarkdown(hostile);
    expect(text).not.toMatch(/<script|(?<!\\)`|@here|http:\/\/|(?<!\\)\[a|^\s*::|\u001b/m);
    expect(formatComparisonMarkdown(compareResults(results, hostile))).not.toMatch(/<script|@here|(?<!\\)`/);
  });

  it('stay one cell of one row, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const escaped = escapeMarkdown(String.fromCharCode(...bytes));
        expect(escaped).not.toMatch(/[\r\n<>@$]|(?<!\\)(?:\\\\)*[|`*_[\]]/);
      }),
    );
  });
});

describe('a factor', () => {
  const ratio = { n: 5, median: 0.25, low: 0.2, high: 0.3, coverage: 0.9375, bound: 'exact' } as const;
  const slower = { ...ratio, median: 4, low: 3, high: 5 };

  it.each([
    ['4.00x faster', 'good', ratio],
    ['4.00x slower', 'bad', slower],
    ['4.00x faster?', 'unsure', { ...ratio, high: 1.1 }],
    ['4.00x faster?', 'unsure', { ...ratio, coverage: 0.75 }],
    ['the same?', 'unsure', { ...ratio, median: 1, high: 1.1 }],
    // `none` was cut off: it takes longer than was seen, so the other is faster by more.
    ['≥ 4.00x faster', 'good', { ...ratio, low: 0, bound: 'at-most' }],
    ['≤ 4.00x faster?', 'unsure', { ...ratio, high: Infinity, bound: 'at-least' }],
    ['≥ 4.00x slower', 'bad', { ...slower, high: Infinity, bound: 'at-least' }],
    ['≤ 4.00x slower?', 'unsure', { ...slower, low: 0, bound: 'at-most' }],
    ['4.00x faster?', 'unsure', { ...ratio, low: 0, high: Infinity, bound: 'unknown' }],
  ] as const)('is told as `%s`, %s', (text, tone, given) => {
    expect(pace(given)).toEqual({ text, tone });
  });
});

describe('Markdown', () => {
  it('has the same tables', () => {
    const text = formatResultsMarkdown(results, { level: 3 });
    expect(text).toMatch(/^### bench of example\.com\/made-up\n\n- \.\/cmd\/app at 0123456789ab/);
    expect(text).toContain(
      [
        '#### edit-main',
        '',
        '| strategy | median s | interval | than none | between | down | up | stored |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
        '| none | 151 | 145 – 152 |  |  | 0 B | 0 B | 0 B |',
      ].join('\n'),
    );
    expect(text).toContain('- On fresh workers: slipway, 28.3 s per build');
  });

  it('tells a comparison', () => {
    const text = formatComparisonMarkdown(compareResults(results, madeUpResults({ seed: 2 })));
    expect(text).toContain('| build | before s | after s | change | between | that is |');
    expect(text).toMatch(/\| none\/cold \| 148 \| \d+ \| .* \| no difference shown \|/);
  });
});
