import type { ReliabilitySuite } from './reliability-suites.ts';

/** docs/reliability.json: what `npm run reliability` measured, each suite as of its own last run. */
export interface ReliabilityResults {
  readonly schemaVersion: 1;
  /** At the counts that are published. */
  readonly published: Readonly<Record<string, SuiteRun>>;
  /** At those of a normal test run. */
  readonly slice: Readonly<Record<string, SuiteRun>>;
}

export interface SuiteRun {
  /** `2026-11-25` */
  readonly date: string;
  /** Of the code that ran; `-dirty` when it held changes. */
  readonly commit: string;
  readonly machine: string;
  readonly seconds: number;
  readonly tests: number;
  /** By name, in the order they were counted first. */
  readonly cases: Readonly<Record<string, number>>;
  /** The worst measured, unit in the name. */
  readonly worst: Readonly<Record<string, number>>;
  readonly seeds: readonly number[];
}

const BEGIN = '<!-- reliability: begin -->';
const END = '<!-- reliability: end -->';

/** The page with its table written anew; all else stays. */
export function withTable(page: string, suites: readonly ReliabilitySuite[], results: ReliabilityResults): string {
  const [before, rest] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || rest < before) throw new Error(`docs/reliability.md lacks the line ${BEGIN} or ${END}`);
  return `${page.slice(0, before + BEGIN.length)}\n\n${formatResults(suites, results)}\n${page.slice(rest)}`;
}

function formatResults(suites: readonly ReliabilitySuite[], results: ReliabilityResults): string {
  const head = [
    '| # | What | Cases: published (in CI) | Worst | Seconds: published (in CI) | Run on |',
    '|---|---|---|---|---|---|',
  ];
  const rows = suites.map(({ id, title, files }) => {
    const [published, slice] = [results.published[id], results.slice[id]];
    const tests = files.map((file) => `\`${file}\``).join(', ');
    const cells = [
      id,
      `${title}: ${tests}`,
      formatCases(published, slice),
      formatWorst(published),
      `${formatSeconds(published)} (${formatSeconds(slice)})`,
      published === undefined ? 'not yet' : `${published.date}, ${published.commit}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [...head, ...rows, '', ...formatTotal(results), ...formatMachines(results)].join('\n');
}

function formatCases(published: SuiteRun | undefined, slice: SuiteRun | undefined): string {
  const names = new Set([...Object.keys(published?.cases ?? {}), ...Object.keys(slice?.cases ?? {})]);
  const counts = [...names].map((name) => [name, published?.cases[name], slice?.cases[name]] as const);
  const lines = counts.length > 0 ? counts : [['tests', published?.tests, slice?.tests] as const];
  return lines.map(([name, long, short]) => `${formatCount(long)} (${formatCount(short)}) ${name}`).join('; ');
}

function formatWorst(run: SuiteRun | undefined): string {
  const parts = Object.entries(run?.worst ?? {}).map(([name, value]) => `${spellOut(name)} ${formatCount(value)}`);
  return parts.join('; ');
}

/** `addedSeconds` → `added seconds`, `maxRssMib` → `max RSS MiB`. */
function spellOut(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words
    .replace(/\brss\b/, 'RSS')
    .replace(/\bmib\b/, 'MiB')
    .replace(/^worst /, '');
}

function formatTotal({ published, slice }: ReliabilityResults): readonly string[] {
  const minutes = (runs: Readonly<Record<string, SuiteRun>>): string =>
    (Object.values(runs).reduce((sum, run) => sum + run.seconds, 0) / 60).toFixed(0);
  const days = [...new Set(Object.values(slice).map(({ date }) => date))];
  const inside = days.length === 0 ? '' : `, ${minutes(slice)} min inside CI (${days.join(', ')})`;
  return Object.keys(published).length === 0 ? [] : [`Together: ${minutes(published)} min as published${inside}.`];
}

function formatMachines({ published }: ReliabilityResults): readonly string[] {
  const machines = [...new Set(Object.values(published).map(({ machine }) => machine))];
  return machines.map((machine) => `Measured on: ${machine}.`);
}

function formatCount(count: number | undefined): string {
  return count === undefined ? '-' : count.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function formatSeconds(run: SuiteRun | undefined): string {
  return run === undefined ? '-' : String(Math.round(run.seconds));
}
