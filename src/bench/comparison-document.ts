import { formatBytes } from '../core/size.ts';
import { nameCells, type Names } from './cells.ts';
import type { CellChange, Change, Comparison, Measure, RunFacts } from './compare.ts';
import { type Line, plain, type Section, withoutEmpty } from './document.ts';
import type { Judgement } from './judge.ts';
import { change, figures, intervalText, medianText } from './words.ts';

/** Two runs side by side, what to be careful about, and what became of the conditions. */
export function comparisonDocument(comparison: Comparison, judgements: readonly Judgement[] = []): readonly Section[] {
  const { cells, onlyBefore, onlyAfter } = comparison;
  const names = nameCells([...cells, ...onlyBefore, ...onlyAfter]);
  return [
    headSection(comparison, names),
    ...(cells.length === 0 ? [] : [secondsSection(cells, names)]),
    ...bytesSections(cells, names),
    ...judgementSections(judgements),
  ];
}

function headSection({ before, after, cells, onlyBefore, onlyAfter, cautions }: Comparison, names: Names): Section {
  const lines: Line[] = [plain(`before: ${runText(before)}`), plain(`after:  ${runText(after)}`)];
  lines.push(...cautions.map(({ text }): Line => ({ tone: 'unsure', text: `careful: ${text}` })));
  if (cells.length === 0) lines.push({ tone: 'unsure', text: 'The two runs measured nothing in common.' });
  if (onlyBefore.length > 0) lines.push(plain(`only before: ${onlyBefore.map(names.cell).join(', ')}`));
  if (onlyAfter.length > 0) lines.push(plain(`only after: ${onlyAfter.map(names.cell).join(', ')}`));
  return { title: 'comparison', lines };
}

function runText({ startedAt, revision, isDirty, slipway }: RunFacts): string {
  const at = revision === undefined ? '' : `, revision ${revision.slice(0, 12)}`;
  return `${startedAt}${at}${isDirty ? ' with changes' : ''}${slipway === undefined ? '' : `, slipway ${slipway}`}`;
}

function secondsSection(cells: readonly CellChange[], names: Names): Section {
  const columns = [
    { title: 'build', isRight: false, rank: 'always' },
    { title: 'before s', isRight: true, rank: 3 },
    { title: 'after s', isRight: true, rank: 4 },
    { title: 'change', isRight: true, rank: 'always' },
    { title: 'between', isRight: true, rank: 2 },
    { title: 'that is', isRight: false, rank: 'always' },
  ] as const;
  const rows = cells.map((cell): readonly Line[] => {
    const { seconds } = cell.changes;
    return [
      plain(names.cell(cell)),
      plain(medianText(seconds.before)),
      plain(medianText(seconds.after)),
      plain(medianText(seconds.ratio, change)),
      plain(intervalText(seconds.ratio, change)),
      verdictLine(seconds),
    ];
  });
  const lines = cells.some(({ changes }) => changes.seconds.verdict === 'none-shown')
    ? [plain('No difference shown: the interval of the change includes 0 %.')]
    : [];
  return { title: 'seconds', table: { columns, rows }, lines };
}

function verdictLine({ verdict }: Change): Line {
  if (verdict === 'more') return { tone: 'bad', text: 'slower' };
  if (verdict === 'less') return { tone: 'good', text: 'faster' };
  return verdict === 'none-shown' ? plain('no difference shown') : { tone: 'unsure', text: 'too few repeats to tell' };
}

const BYTES: readonly (readonly [Measure, string])[] = [
  ['bytes-down', 'down'],
  ['bytes-up', 'up'],
  ['stored', 'stored'],
];

/** Bytes hardly differ by chance, so only what changed by a hundredth and more is worth a line. */
function bytesSections(cells: readonly CellChange[], names: Names): readonly Section[] {
  const rows = cells.flatMap((cell) =>
    BYTES.flatMap(([measure, word]): readonly (readonly Line[])[] => {
      const { before, after, ratio, verdict } = cell.changes[measure];
      if (Math.abs(ratio.median - 1) < 0.01) return [];
      const tone = verdict === 'more' ? 'bad' : verdict === 'less' ? 'good' : 'unsure';
      return [
        [
          plain(names.cell(cell)),
          plain(word),
          plain(formatBytes(before.median)),
          plain(formatBytes(after.median)),
          { tone, text: `${change(ratio.median)}${tone === 'unsure' ? '?' : ''}` },
        ],
      ];
    }),
  );
  if (rows.length === 0) return [];
  const columns = [
    { title: 'build', isRight: false, rank: 'always' },
    { title: 'bytes', isRight: false, rank: 'always' },
    { title: 'before', isRight: true, rank: 1 },
    { title: 'after', isRight: true, rank: 2 },
    { title: 'change', isRight: true, rank: 'always' },
  ] as const;
  return [{ title: 'bytes', table: withoutEmpty({ columns, rows }), lines: [] }];
}

/** Passed conditions in one line, the others one by one. */
export function judgementSections(judgements: readonly Judgement[]): readonly Section[] {
  if (judgements.length === 0) return [];
  const names = nameCells(judgements);
  const lines = judgements
    .filter(({ verdict }) => verdict !== 'passed')
    .map((judgement): Line => {
      const { condition, measured, verdict } = judgement;
      const format = condition.kind === 'ratio' ? change : condition.measure === 'seconds' ? secondsText : formatBytes;
      const found = `${medianText(measured, format)}, between ${intervalText(measured, format)}`;
      return verdict === 'failed'
        ? { tone: 'bad', text: `failed: ${names.cell(judgement)}: ${condition.text} (${found})` }
        : { tone: 'unsure', text: `not shown: ${names.cell(judgement)}: ${condition.text} (${found}: may be noise)` };
    });
  const passed = judgements.filter(({ verdict }) => verdict === 'passed').length;
  return [{ title: 'conditions', lines: [...lines, ...(passed === 0 ? [] : [plain(`passed: ${passed}`)])] }];
}

function secondsText(value: number): string {
  return `${figures(value)} s`;
}
