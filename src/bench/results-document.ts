import { formatBytes, formatSeconds } from '../core/size.ts';
import { nameCells, type Names } from './cells.ts';
import { type Line, plain, type Section, withoutEmpty } from './document.ts';
import { recommend, type RecommendOptions } from './recommend.ts';
import { recommendationSection } from './recommendation-section.ts';
import type { BenchResults } from './results.ts';
import { type BenchSummary, type CellSummary, summarize } from './summarize.ts';
import { secondsOfKind } from './summarize-steps.ts';
import { coverageLines, figures, intervalText, medianText, pace, paceInterval, counted } from './words.ts';

/** Everything that results have to say: the run, a table for each scenario, notes, and at the end what to do. */
export function resultsDocument(results: BenchResults, options?: RecommendOptions): readonly Section[] {
  const summary = summarize(results);
  const names = nameCells(summary.cells);
  const scenarios = [...Map.groupBy(summary.cells, names.scenario)];
  return [
    runSection(results),
    ...scenarios.map(([name, cells]) => scenarioSection(name, cells, summary)),
    ...(scenarios.length === 0 ? [] : [partsSection(summary, names)]),
    notesSection(results, summary, names),
    recommendationSection(recommend(results, options)),
  ];
}

function runSection({ project, machine, repeats, isolation, isQuick, startedAt }: BenchResults): Section {
  const revision = project.revision === undefined ? '' : ` at ${project.revision.slice(0, 12)}`;
  const rounds = `${counted(repeats, 'round')}${isQuick ? ' (quick)' : ''}`;
  const isolated = isolation === 'fresh-workers' ? 'a fresh worker for each build' : 'mount namespaces on one builder';
  const tools = Object.entries(machine.tools).map(([name, version]) => `${name} ${version}`);
  return {
    title: `bench of ${project.module}`,
    lines: [
      plain(
        `${project.program}${revision}${project.isDirty ? ', with changes' : ''}; ${counted(project.packages, 'package')}, ${counted(project.modules, 'module')}`,
      ),
      plain(`${startedAt}; ${rounds}; ${isolated}`),
      plain(
        `${counted(machine.cores, 'core')} (${machine.cpu}), ${formatBytes(machine.memoryBytes)} memory, ` +
          `Linux ${machine.kernel.replace(/^Linux /, '')}, disk ${formatBytes(machine.diskWriteBytesPerSecond)}/s written`,
      ),
      ...(tools.length === 0 ? [] : [plain(tools.join('; '))]),
    ],
  };
}

function scenarioSection(title: string, cells: readonly CellSummary[], { reference }: BenchSummary): Section {
  const columns = [
    { title: 'strategy', isRight: false, rank: 'always' },
    { title: 'median s', isRight: true, rank: 'always' },
    { title: 'interval', isRight: true, rank: 6 },
    { title: `than ${reference ?? 'none'}`, isRight: true, rank: 5 },
    { title: 'between', isRight: true, rank: 1 },
    { title: 'down', isRight: true, rank: 4 },
    { title: 'up', isRight: true, rank: 3 },
    { title: 'stored', isRight: true, rank: 2 },
  ] as const;
  const rows = cells.map((cell): readonly Line[] => [
    plain(cell.strategy),
    plain(medianText(cell.seconds)),
    plain(intervalText(cell.seconds)),
    pace(cell.ratio),
    plain(paceInterval(cell.ratio)),
    plain(formatBytes(cell.bytesDown)),
    plain(formatBytes(cell.bytesUp)),
    plain(formatBytes(cell.bytesStored)),
  ]);
  return { title, table: withoutEmpty({ columns, rows }), lines: [] };
}

function partsSection({ cells }: BenchSummary, names: Names): Section {
  const columns = [
    { title: 'build', isRight: false, rank: 'always' },
    { title: 'before', isRight: true, rank: 2 },
    { title: 'build s', isRight: true, rank: 'always' },
    { title: 'after', isRight: true, rank: 1 },
    { title: 'download step', isRight: true, rank: 3 },
    { title: 'compile step', isRight: true, rank: 5 },
    { title: 'packages', isRight: true, rank: 4 },
  ] as const;
  const rows = cells.map((cell): readonly Line[] => [
    plain(names.cell(cell)),
    plain(phaseText(cell.phases.before)),
    plain(figures(cell.phases.build)),
    plain(phaseText(cell.phases.after)),
    plain(stepText(cell, 'download')),
    plain(stepText(cell, 'compile')),
    plain(cell.packagesCompiled === undefined ? '' : String(Math.round(cell.packagesCompiled))),
  ]);
  return { title: 'where the seconds go', table: withoutEmpty({ columns, rows }), lines: [] };
}

/** Nothing where a strategy does nothing then. */
function phaseText(seconds: number): string {
  return seconds === 0 ? '' : figures(seconds);
}

function stepText({ steps }: CellSummary, kind: 'download' | 'compile'): string {
  const found = steps.filter((step) => step.kind === kind);
  if (found.length > 0 && found.every(({ ran }) => ran === 0)) return 'cached';
  const seconds = secondsOfKind(steps, kind);
  return seconds === undefined ? '' : figures(seconds);
}

function notesSection({ isPartial, left }: BenchResults, { cells, drift }: BenchSummary, names: Names): Section {
  const unsure = (text: string): Line => ({ tone: 'unsure', text });
  const notes: Line[] = [];
  if (cells.length === 0) notes.push(unsure('Nothing was measured.'));
  if (isPartial) notes.push(unsure('The run was stopped before its end: some builds have fewer repeats.'));
  for (const cell of cells) {
    for (const { repeat, seconds, deviations } of cell.outliers) {
      const side = deviations > 0 ? 'above' : 'below';
      const far = `${Math.abs(deviations).toFixed(1)} scaled deviations ${side} the median`;
      notes.push(
        unsure(`${names.cell(cell)}, repeat ${repeat}: ${formatSeconds(seconds)} is an outlier, ${far}; it counts.`),
      );
    }
    if (cell.censored > 0) {
      notes.push(
        unsure(`${names.cell(cell)}: a time limit ended ${cell.censored} of ${cell.n}; they would have taken longer.`),
      );
    }
  }
  if (drift?.isShown === true) {
    const word = drift.ratio.median > 1 ? 'slower' : 'faster';
    const between = `between ${intervalText(drift.ratio, (ratio) => `${figures(ratio)}x`)}`;
    notes.push(
      unsure(
        `The machine grew ${word} over the run: its last third took ${figures(drift.ratio.median)}x its first, ${between}.`,
      ),
    );
  }
  notes.push(...coverageLines(cells).map(plain));
  if (cells.some(({ ratio }) => ratio !== undefined)) {
    notes.push(
      plain(
        'Factors are medians of the quotients of each round; `?`: they may as well be 1, or the rounds are too few to tell.',
      ),
    );
  }
  notes.push(...left.map((text) => plain(`left out: ${text}`)));
  return { title: 'notes', lines: notes };
}
