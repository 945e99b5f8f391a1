import { formatBytes, formatSeconds } from '../core/size.ts';
import type { BreakEven } from './break-even.ts';
import type { Line, Section } from './document.ts';
import { plain } from './document.ts';
import type { Price } from './expected-price.ts';
import type { Choice, Recommendation } from './recommend.ts';
import { counted, figures, intervalText, medianText, percent } from './words.ts';

/** What to do, in words: for workers that are new each time, and for a builder that stays. */
export function recommendationSection(recommendation: Recommendation): Section {
  const { prices, freshWorker, mix, cgo, rounds, isFirm, unmeasured, incomplete } = recommendation;
  if (prices.length === 0) {
    const text = 'None: no strategy was measured in all of the changes that a week of builds is made of.';
    return { title: 'recommendation', lines: [{ tone: 'unsure', text }] };
  }
  const lines: Line[] = [];
  if (freshWorker !== undefined) lines.push(...choiceLines(freshWorker, recommendation));
  lines.push(localCacheLine(recommendation));
  if (!isFirm) {
    const few = counted(rounds, 'round');
    lines.push({ tone: 'unsure', text: `A hint, from ${few}: five or more tell differences from noise.` });
  }
  const shares = Object.entries(mix).map(([scenario, share]) => `${percent(share)} ${scenario}`);
  lines.push(plain(`A build here is ${shares.join(', ')}, with CGO_ENABLED=${cgo}.`));
  if (unmeasured.length > 0) lines.push(plain(`Not measured, so not counted: ${unmeasured.join(', ')}.`));
  for (const { strategy, lacks } of incomplete) {
    lines.push(
      plain(
        `Not compared: ${strategy}, ${lacks.length === 0 ? 'no round is whole' : `not measured in ${lacks.join(', ')}`}.`,
      ),
    );
  }
  return { title: 'recommendation', lines };
}

function choiceLines(choice: Choice, { prices, breakEvens }: Recommendation): readonly Line[] {
  const { price, ties, breakEven } = choice;
  const lines: Line[] = [{ tone: 'good', text: `On fresh workers: ${price.strategy}, ${priceText(price)}.` }];
  if (ties.length > 0)
    lines.push(plain(`As cheap as far as these rounds tell: ${ties.join(', ')}; ${price.strategy} is the simplest.`));
  if (breakEven !== undefined) lines.push(...breakEvenLines(breakEven, prices));
  else if (breakEvens.length > 0) lines.push(plain('No cache pays here: building from nothing is as fast.'));
  const listed = (verdict: BreakEven['verdict']): readonly BreakEven[] =>
    breakEvens.filter((one) => one.verdict === verdict && one.strategy !== price.strategy);
  const names = (found: readonly BreakEven[]): string => found.map(({ strategy }) => strategy).join(', ');
  const never = listed('never');
  const unsure = listed('not-shown');
  if (never.length > 0) lines.push(plain(`Never pays against ${never[0]?.against ?? ''}: ${names(never)}.`));
  if (unsure.length > 0) lines.push(plain(`Not shown to pay against ${unsure[0]?.against ?? ''}: ${names(unsure)}.`));
  return lines;
}

function priceText(price: Price): string {
  const { seconds, bytesDown, bytesUp, bytesStored } = price;
  const interval = intervalText(seconds);
  const bytes = `${formatBytes(bytesDown)} down, ${formatBytes(bytesUp)} up, ${formatBytes(bytesStored)} stored`;
  return `${medianText(seconds)} s per build${interval === '' ? '' : ` (${interval})`}, ${bytes}`;
}

function breakEvenLines(found: BreakEven, prices: readonly Price[]): readonly Line[] {
  const { against, verdict, savedSeconds, fillSeconds, builds, moreBytes, bytesPerSecond } = found;
  const base = prices.find(({ strategy }) => strategy === against);
  const takes = base === undefined ? '' : ` (${medianText(base.seconds)} s)`;
  if (verdict === 'never')
    return [plain(`It costs ${formatSeconds(-savedSeconds)} a build more than ${against}${takes}.`)];
  if (verdict === 'not-shown') return [plain(`It is not shown to be faster than ${against}${takes}.`)];
  const lines = [plain(`It saves ${formatSeconds(savedSeconds)} a build against ${against}${takes}.`)];
  if (builds !== undefined && fillSeconds !== undefined) {
    const filling = fillSeconds > 0 ? `costs ${formatSeconds(fillSeconds)}` : 'costs nothing';
    const week = `${counted(builds, 'build')} a week, if the cache is filled anew once a week`;
    lines.push(plain(`Break-even: ${week}; filling it ${filling}.`));
  }
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) {
    const wire = `${figures((8 * bytesPerSecond) / 1e6)} Mbit/s`;
    const more = `the ${formatBytes(moreBytes)} that a build moves more cost more than they save`;
    lines.push(plain(`Break-even: a wire of ${wire}; on a slower one ${more}.`));
  }
  return lines;
}

function localCacheLine({ localCache, prices }: Recommendation): Line {
  const mounts = prices.find(({ strategy }) => strategy === 'mounts');
  if (localCache === 'not-measured' || mounts === undefined) {
    return plain('On a builder that stays: not measured (mounts).');
  }
  const price = `mounts, ${priceText(mounts)}`;
  if (localCache === 'alone') return plain(`On a builder that stays: nothing to compare with (${price}).`);
  if (localCache === 'enough')
    return { tone: 'good', text: `On a builder that stays: the local cache is enough (${price}).` };
  return { tone: 'unsure', text: `On a builder that stays: the local cache is not the fastest here (${price}).` };
}
