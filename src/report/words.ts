import { formatBytes, formatCount, formatSeconds } from '../core/size.ts';
import { formatCause } from '../explain/cause-words.ts';
import type { Cause } from '../explain/types.ts';
import type { CompiledPackages, ReportBench, ReportData, ReportPastRun, ReportRun } from './data.ts';

/** What each section found, in one or two sentences. The page and the Markdown say the same. */

/** The whole run in a line or two. */
export function leadSentence(data: ReportData): string {
  const { run, packages } = data;
  const time = run === undefined ? '' : `The build took ${formatSeconds(run.totalSeconds)}. `;
  const compiled = packages === undefined ? '' : ` ${packagesSentence(packages)}`;
  return `${time}${stepsSentence(data)}${compiled}`;
}

export function stepsSentence({ steps, counts }: Pick<ReportData, 'steps' | 'counts'>): string {
  const failed = steps.find(({ state }) => state === 'failed');
  if (failed !== undefined) return `The build failed at ${failed.keyword} in line ${failed.line}.`;
  if (steps.length === 0) return 'The build has no step that could re-run.';
  if (counts.rerun === 0) return `All ${plural(steps.length, 'step')} came from the layer cache.`;
  const head = `${counts.rerun} of ${plural(steps.length, 'step')} re-ran`;
  const first = steps.flatMap(({ causes }) => causes.slice(0, 1)).find(({ kind }) => kind !== 'step');
  return first === undefined ? `${head}.` : `${head} ${becauseOf(first)}.`;
}

/** Where it began, and how many followed. */
export function layersSentence(data: Pick<ReportData, 'steps' | 'counts'>): string {
  const ran = data.steps.filter(({ state }) => state === 're-run' || state === 'failed');
  const own = ran.filter(({ causes: [first] }) => first !== undefined && first.kind !== 'step');
  const [first] = own;
  if (first?.causes[0] === undefined) return stepsSentence(data);
  if (first.causes[0].kind === 'unknown')
    return 'There is no build before to compare with: why steps re-ran shows from the next one on.';
  const follow = ran.filter(({ causes: [cause] }) => cause?.kind === 'step').length;
  const rest = follow === 0 ? '' : `; ${plural(follow, 'step')} followed only because of a step above`;
  return `The first to re-run was ${first.keyword} in line ${first.line} (${formatCause(first.causes[0])})${rest}.`;
}

function becauseOf({ kind, subject, detail }: Cause): string {
  switch (kind) {
    case 'unknown':
      return 'in the first build that was seen here';
    case 'gone':
      return 'because the builder had lost their results';
    case 'new':
      return `because ${subject} is a new step`;
    case 'instruction':
      return `because an instruction changed (${subject} ${detail})`;
    case 'output':
      return `because of what stage ${subject} makes`;
    case 'remote':
      return `because ${subject} ${detail}`;
    case 'argument':
      return `because build argument ${subject} ${changeWords(detail)}`;
    case 'variable':
      return `because ENV ${subject} ${changeWords(detail)}`;
    case 'image':
      return `because base image ${subject} ${changeWords(detail)}`;
    case 'file':
    case 'step':
      return `because ${subject} ${changeWords(detail)}`;
  }
}

/** `removed` and `added` say what was done, `changed` and `was … is …` what happened. */
function changeWords(detail: string): string {
  return /^(?:added|removed)\b/.test(detail) ? `was ${detail}` : detail;
}

export function timeSentence(run: ReportRun): string {
  const { restore, save, buildSeconds, totalSeconds, savedSeconds } = run;
  const parts = `restore ${formatSeconds(restore.seconds)}, build ${formatSeconds(buildSeconds)}, save ${formatSeconds(save.seconds)}`;
  return `${formatSeconds(totalSeconds)} in all: ${parts}${savedSeconds === undefined ? '' : `; ${savedWords(savedSeconds)}`}.`;
}

export function savedWords(seconds: number): string {
  return `${formatSeconds(Math.abs(seconds))} ${seconds < 0 ? 'more' : 'less'} than the cold build on record`;
}

export function criticalSentence({ criticalPath, steps, run }: ReportData): string {
  if (criticalPath.steps.length === 0) return 'No step ran, so the build had nothing to wait for.';
  const last = steps.find(({ id }) => id === longestOf(criticalPath.steps, steps));
  const share = run === undefined || run.buildSeconds === 0 ? '' : ` of the build's ${formatSeconds(run.buildSeconds)}`;
  const where =
    last === undefined
      ? ''
      : `; the longest is ${last.keyword} in line ${last.line} (${formatSeconds(last.seconds ?? 0)})`;
  return `The critical path, ${plural(criticalPath.steps.length, 'step')} that wait for each other, takes ${formatSeconds(criticalPath.seconds)}${share}${where}.`;
}

function longestOf(ids: readonly string[], steps: ReportData['steps']): string | undefined {
  const those = steps.filter(({ id }) => ids.includes(id));
  return those.toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))[0]?.id;
}

export function packagesSentence({ count, groups }: CompiledPackages): string {
  const [most] = groups;
  if (most === undefined) return 'No package was compiled: all came from the build cache.';
  const head = `${plural(count, 'package')} ${count === 1 ? 'was' : 'were'} compiled`;
  const share =
    most.packages.length === count ? (count === 1 ? '' : ', all') : `, ${formatCount(most.packages.length)} of them`;
  switch (most.kind) {
    case 'sources':
    case 'import':
      return `${head}${share} because ${most.cause} changed.`;
    case 'new':
      return `${head}${share} for the first time here.`;
    case 'go':
    case 'settings':
    case 'flags':
      return `${head}${share} for ${most.cause}.`;
  }
}

export function transferSentence({ transfers, restore, save }: ReportRun): string {
  const total = (direction: 'down' | 'up'): number =>
    transfers.filter((each) => each.direction === direction).reduce((sum, { bytes }) => sum + bytes, 0);
  const down =
    total('down') === 0
      ? `Nothing came from the store (${stateWords(restore)})`
      : `${formatBytes(total('down'))} came from the store`;
  const up = total('up') === 0 ? `nothing went there (${stateWords(save)})` : `${formatBytes(total('up'))} went there`;
  return `${down}, ${up}.`;
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['already-warm', 'the mounts were warm'],
  ['nothing-stored', 'nothing was stored yet'],
  ['no-mounts', 'the build has no Go cache mounts'],
  ['nothing-new', 'nothing was new'],
  ['restored', 'all of it lay on this machine'],
]);

function stateWords({ state, reason }: { readonly state: string; readonly reason?: string }): string {
  return reason ?? STATES.get(state) ?? state;
}

export function entriesSentence({ entries }: ReportRun): string {
  const fresh = `${plural(entries.new, 'entry', 'entries')} ${entries.new === 1 ? 'is' : 'are'} new`;
  const idle = entries.stored?.reduce((sum, kind) => sum + kind.idle, 0);
  const rest = idle === undefined ? '' : `; ${formatCount(idle)} of those stored were not used by this build`;
  if (entries.restored === 0)
    return `${plural(entries.used, 'entry', 'entries')} of the mounts ${entries.used === 1 ? 'was' : 'were'} used, ${fresh}${rest}.`;
  return `Of ${plural(entries.restored, 'restored entry', 'restored entries')} the build used ${formatCount(entries.used)}; ${fresh}${rest}.`;
}

export function growthSentence(history: readonly ReportPastRun[]): string {
  const [first] = history;
  const stored = history.flatMap(({ bytesStored }) => bytesStored ?? []);
  const last = stored.at(-1);
  if (first === undefined || history.length < 2)
    return 'One build is on record so far: growth shows from the next one on.';
  const seconds = history.map(({ totalSeconds }) => totalSeconds).toSorted((a, b) => a - b);
  const middle = seconds[Math.floor(seconds.length / 2)] ?? 0;
  const size = last === undefined ? '' : `; the store holds ${formatBytes(last)}${changeOf(stored[0] ?? last, last)}`;
  return `The last ${history.length} builds took ${formatSeconds(seconds[0] ?? 0)} to ${formatSeconds(seconds.at(-1) ?? 0)}, the median ${formatSeconds(middle)}${size}.`;
}

function changeOf(first: number, last: number): string {
  if (first === last) return ', as before';
  return `, ${formatBytes(Math.abs(last - first))} ${last > first ? 'more' : 'less'} than at first`;
}

export function findingsSentence(findings: ReportData['findings']): string {
  const [best] = findings;
  if (best === undefined) return '`slipway lint` has nothing to say about this build.';
  const safe = findings.filter(({ fix }) => fix?.isSafe).length;
  const mends =
    safe === 0 ? '' : `; \`slipway lint --fix\` mends ${safe === findings.length ? 'all' : formatCount(safe)} of them`;
  return `${plural(findings.length, 'finding')}, the most valuable first${mends}.`;
}

export function benchSentence({ charts, interval, isPartial, isQuick }: ReportBench): string {
  const compared = charts.flatMap(({ title, rows }) => {
    const sorted = rows.toSorted((a, b) => a.median - b.median);
    const [best, worst] = [sorted[0], sorted.at(-1)];
    return best === undefined || worst === undefined || best === worst || best.median === 0
      ? []
      : [{ title, best, worst, ratio: worst.median / best.median }];
  });
  const most = compared.toSorted((a, b) => b.ratio - a.ratio)[0];
  const head =
    most === undefined
      ? `Medians of ${plural(charts.length, 'scenario')}`
      : `${most.title}: ${most.best.label} takes ${formatSeconds(most.best.median)}, ${most.worst.label} ${formatSeconds(most.worst.median)} (medians)`;
  const doubts = [...(isQuick ? ['a quick run'] : []), ...(isPartial ? ['stopped before its end'] : [])];
  return `${head}. The lines show the ${interval}${doubts.length === 0 ? '' : `; ${doubts.join(', ')}`}.`;
}

/** `1 step`, `3,012 packages`. */
export function plural(number: number, word: string, words = `${word}s`): string {
  return `${formatCount(number)} ${number === 1 ? word : words}`;
}
