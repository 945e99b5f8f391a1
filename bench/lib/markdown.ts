import { formatBytes } from '../../src/core/size.ts';
import { EDITS } from '../edits.ts';
import { judge, type Verdict } from './goals.ts';
import { type CaseName, type Results, type Sample, samplesOf } from './results.ts';
import { mediansByKey, summarize } from './statistics.ts';

/** The page that `docs/benchmarks.md` holds between its markers. */
export function renderResults(results: Results, fileName: string): string {
  return [
    aboutMachine(results, fileName),
    heading('Goals', results),
    goalsTable(judge(results.samples, results.modules)),
    heading('Wall times', results),
    timesTable(results.samples),
    heading('Where the seconds go', results),
    'Medians; the phases run partly beside each other, so they do not add up.',
    phasesTable(results.samples),
    heading('What moves', results),
    bytesTable(results.samples),
  ].join('\n\n');
}

/** Headings of a page are told apart by their words. */
function heading(text: string, { modules }: Results): string {
  return modules === 'trees' ? `### ${text}, with trees` : `### ${text}`;
}

const CASE_TITLES: Record<CaseName, string> = {
  cold: 'cold fresh worker',
  persistent: 'persistent builder, one-line edit',
  'warm-present': 'fresh worker + slipway, base image present',
  'warm-missing': 'fresh worker + slipway, base image missing',
  'base-pull': 'pull of the base image alone',
  copy: 'whole directories in, build, out; base image present',
  'already-warm': 'mounts that hold the snapshot: empty helper build, `slipway restore`',
  seed: 'cold build with slipway, and the save of everything',
  start: 'start',
  unchanged: 'nothing changed, layer cache',
};

function aboutMachine({ machine, project, ...results }: Results, fileName: string): string {
  const disk = `${formatBytes(machine.diskWriteBytesPerSecond)}/s written`;
  const tools = Object.entries(machine.tools).map(([name, version]) => `${name} ${version}`);
  const cache =
    project.goCacheBytes === undefined
      ? ''
      : ` Its GOCACHE: ${formatBytes(project.goCacheBytes)} in ${project.goCacheFiles} files; its GOMODCACHE: ${formatBytes(project.modCacheBytes ?? 0)} in ${project.modCacheFiles} files.`;
  return [
    `Measured ${results.startedAt.slice(0, 10)} at commit ${results.commit}, ${results.repeats} rounds by turns, ${(results.wallSeconds / 60).toFixed(0)} minutes (\`${fileName}\`).`,
    `Machine: ${machine.cores} cores (${machine.cpu}), ${formatBytes(machine.memoryBytes)} memory, Linux ${machine.kernel}, disk ${disk}. ${tools.join('; ')}.`,
    `The heavy project: ${project.packagesWithoutStd} packages without the standard library (${project.packages} with it), ${project.ownPackages} of them its own, the others from ${project.modules} modules.${cache}`,
  ].join('\n');
}

function goalsTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => [
    verdict.goal,
    verdict.subject,
    `${verdict.isLowerBound ? '≥ ' : ''}${amount(verdict.measured, verdict.unit)}`,
    `${verdict.sense === 'at-least' ? '≥' : '≤'} ${amount(verdict.limit, verdict.unit)}`,
    verdictWord(verdict),
  ]);
  return table(['what', 'edit', 'measured', 'goal', ''], rows);
}

function verdictWord(verdict: Verdict): string {
  const word = verdict.isPassed ? 'passed' : '**missed**';
  return verdict.isReportOnly ? `(${verdict.isPassed ? 'within' : 'outside'}; reported only)` : word;
}

function timesTable(samples: readonly Sample[]): string {
  const rows = groups(samples)
    .filter(({ name, variant }) => name !== 'start' && variant !== 'sizes')
    .map(({ name, variant, list }) => [CASE_TITLES[name], variant, ...summaryCells(list, (value) => value.toFixed(1))]);
  const starts = groups(samples)
    .filter(({ name }) => name === 'start')
    .map(({ variant, list }) => [
      variant === 'node' ? '`node -e 0`' : '`slipway --help`',
      variant === 'node' ? '' : variant,
      ...summaryCells(list, (value) => value.toFixed(3)),
    ]);
  return table(['case', 'variant', 'n', 'median s', 'min', 'max', 'MAD'], [...rows, ...starts]);
}

function summaryCells(list: readonly Sample[], format: (value: number) => string): readonly string[] {
  const summary = summarize(list.map((sample) => sample.seconds));
  if (summary === undefined) return [];
  const cut = list.filter((sample) => sample.isCensored === true).length;
  const count = cut === 0 ? String(summary.count) : `${summary.count} (${cut} cut off)`;
  const bound = cut === 0 ? '' : '≥ ';
  return [count, `${bound}${format(summary.median)}`, format(summary.min), format(summary.max), format(summary.mad)];
}

function phasesTable(samples: readonly Sample[]): string {
  const isCount = /^(packs|bytes|entries|peak|requestBody|responseBody|copied)/;
  return valuesTable(
    samples,
    (key) => !isCount.test(key),
    (value) => value.toFixed(2),
  );
}

function bytesTable(samples: readonly Sample[]): string {
  const isCount = /^(packs|entries|bytes|peak|requestBody|responseBody)/;
  return valuesTable(
    samples,
    (key) => isCount.test(key),
    (value, key) => (/bytes/i.test(key) ? formatBytes(value) : String(Math.round(value))),
  );
}

/** One column for each case and edit, one row for each value. */
function valuesTable(
  samples: readonly Sample[],
  isWanted: (key: string) => boolean,
  format: (value: number, key: string) => string,
): string {
  const columns = groups(samples)
    .filter(({ name, variant }) => ['warm-present', 'warm-missing', 'seed'].includes(name) && variant !== 'sizes')
    .map(({ name, variant, list }) => ({
      title: `${SHORT_TITLES[name] ?? name} ${variant === 'seed' ? '' : variant}`.trim(),
      medians: mediansByKey(list.map((sample) => sample.values)),
    }));
  const keys = [...new Set(columns.flatMap(({ medians }) => Object.keys(medians)))].filter(isWanted);
  const rows = keys.map((key) => [
    key,
    ...columns.map(({ medians }) => (medians[key] === undefined ? '' : format(medians[key], key))),
  ]);
  return table(['', ...columns.map(({ title }) => title)], rows);
}

const SHORT_TITLES: Partial<Record<CaseName, string>> = {
  'warm-present': 'base present,',
  'warm-missing': 'base missing,',
  seed: 'cold + first save',
};

interface Group {
  readonly name: CaseName;
  readonly variant: string;
  readonly list: readonly Sample[];
}

/** Samples by case and variant, in the order of the titles and the edits. The pulls before each edit are one group. */
function groups(samples: readonly Sample[]): readonly Group[] {
  return (Object.keys(CASE_TITLES) as CaseName[]).flatMap((name): readonly Group[] => {
    const own = samplesOf(samples, name);
    if (name === 'base-pull') return own.length === 0 ? [] : [{ name, variant: '', list: own }];
    const order: readonly string[] = EDITS.map((edit) => edit.name);
    const variants = [...new Set(own.map((sample) => sample.variant))];
    variants.sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return variants.map((variant) => ({ name, variant, list: samplesOf(samples, name, variant) }));
  });
}

function amount(value: number, unit: Verdict['unit']): string {
  if (unit === 'bytes') return formatBytes(value);
  return unit === 's' ? `${value.toFixed(1)} s` : `${value.toFixed(2)}x`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
