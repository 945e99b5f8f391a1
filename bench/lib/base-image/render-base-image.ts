import { formatBytes, formatCount } from '../../../src/core/size.ts';
import { median } from '../../../src/bench/statistics.ts';
import { table } from '../markdown.ts';
import { type BaseImageResults, type BuildSample, type Order, ORDERS, type PullSample } from './results.ts';
import { VARIANTS } from './variants.ts';

const ORDER_WORDS: Readonly<Record<Order, string>> = {
  beside: 'beside the packs',
  'packs-first': 'after the packs',
  'base-first': 'before the packs',
};

/** The tables for docs/benchmarks.md. */
export function renderBaseImages(results: BaseImageResults): string {
  const { machine, pulls, builds } = results;
  const rounds = (samples: readonly { readonly repeat: number }[]): number =>
    Math.max(0, ...samples.map(({ repeat }) => repeat + 1));
  return [
    `Measured ${results.startedAt.slice(0, 10)} at commit ${results.commit}, ${machine.cores} cores (${machine.cpu}), disk ${formatBytes(machine.diskWriteBytesPerSecond)}/s written; ${rounds(pulls)} rounds of pulls and ${rounds(builds)} of builds, by turns.`,
    '**The pull alone**: `FROM image` and `RUN true` on a fresh worker.',
    pullTable(results),
    '**The whole build**: one line of package main edited, on a worker without the base image; all packs are in the store, and the save is not counted.',
    buildTable(builds),
  ].join('\n\n');
}

function pullTable({ images, pulls }: BaseImageResults): string {
  const rows = VARIANTS.flatMap(({ name }) => {
    const samples = pulls.filter(({ variant }) => variant === name);
    const image = images.find(({ variant }) => variant === name);
    if (samples.length === 0 || image === undefined) return [];
    return [
      [
        `\`${name}\``,
        `${image.layers}`,
        formatBytes(image.bytes),
        fetched(samples),
        `${formatBytes(image.diskBytes)}, ${formatCount(image.diskFiles)} files`,
        ...spread(samples),
      ],
    ];
  });
  return table(
    ['image', 'layers', 'in the registry', 'fetched', 'on the disk', 'median s', 'least', 'most', 'CPU s'],
    rows,
  );
}

function buildTable(builds: readonly BuildSample[]): string {
  const cells = VARIANTS.flatMap(({ name }) => ORDERS.map((order) => ({ name, order })));
  const rows = cells.flatMap(({ name, order }) => {
    const samples = builds.filter((one) => one.variant === name && one.order === order);
    if (samples.length === 0) return [];
    const medianOf = (read: (sample: BuildSample) => number): number => median(samples.map(read));
    return [
      [
        `\`${name}\``,
        ORDER_WORDS[order],
        `${samples.length}`,
        ...spread(samples),
        medianOf(({ restoreSeconds }) => restoreSeconds).toFixed(1),
        medianOf(({ buildSeconds }) => buildSeconds).toFixed(1),
        formatBytes(medianOf(({ imageBytes }) => imageBytes)),
        formatBytes(medianOf(({ packBytes }) => packBytes)),
      ],
    ];
  });
  const times = ['median s', 'least', 'most', 'CPU s', 'restore s', 'build s'];
  return table(['image', 'pulled', 'n', ...times, 'image fetched', 'packs fetched'], rows);
}

function spread(samples: readonly Pick<PullSample, 'seconds' | 'cpuSeconds'>[]): readonly string[] {
  const seconds = samples.map((sample) => sample.seconds);
  const cpu = median(samples.map(({ cpuSeconds }) => cpuSeconds));
  return [median(seconds), Math.min(...seconds), Math.max(...seconds), cpu].map((value) => value.toFixed(1));
}

function fetched(samples: readonly PullSample[]): string {
  return formatBytes(median(samples.map(({ bytes }) => bytes)));
}
