import { median } from '../../../src/bench/statistics.ts';
import { formatBytes } from '../../../src/core/size.ts';
import { table } from '../markdown.ts';
import { TRANSPORTS, type TransportName, type TransportResults, type TransportSample } from './results.ts';

const TITLES: Readonly<Record<TransportName, string>> = {
  builder: '`slipway build`: the builder fetches the build cache',
  injection: '`slipway build --fetch client`: packs injected',
  'injection-memory': "the same, the client's packs in memory",
  'from-old': '`from=`, layers as they are stored',
  'from-young': '`from=`, entries dated 2100',
  'from-young-zstd': '`from=`, entries dated 2100, zstd',
};

/** A table for each kind of modules and each disk, for docs/benchmarks.md. */
export function renderTransport(results: TransportResults): string {
  const { machine, samples } = results;
  const parts = (['zips', 'trees'] as const).flatMap((modules) => {
    const own = samples.filter((sample) => sample.modules === modules);
    const limits = [...new Set(own.map(({ diskLimit }) => diskLimit))].sort(
      (a, b) => (a || Infinity) - (b || Infinity),
    );
    return limits.reverse().flatMap((limit) => {
      const group = own.filter(({ diskLimit }) => diskLimit === limit);
      return [
        `**Modules as ${modules}, ${limit === 0 ? 'the disk as it is' : `a disk of ${limit} MB/s`}**`,
        groupTable(group),
      ];
    });
  });
  const loads = samples.map(({ load }) => load);
  return [
    [
      `Measured ${results.startedAt.slice(0, 10)} at commit ${results.commit}: ${machine.cores} cores (${machine.cpu}), a disk that writes`,
      `${Math.round(machine.diskWriteBytesPerSecond / 1e6)} MB/s, load averages from ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}. Medians, and all seconds where there are several.`,
    ].join(' '),
    ...parts,
  ].join('\n\n');
}

function groupTable(samples: readonly TransportSample[]): string {
  const base = samples.filter(({ transport }) => transport === 'injection');
  const head = [
    '',
    'until built',
    'times injection',
    'compile step',
    'until on disk',
    'down',
    'written',
    'in the mounts',
  ];
  const rows = TRANSPORTS.flatMap((transport) => {
    const own = samples.filter((sample) => sample.transport === transport);
    if (own.length === 0) return [];
    const middle = (pick: (sample: TransportSample) => number): number => median(own.map(pick));
    const seconds = middle((sample) => sample.seconds);
    const all = own.length === 1 ? '' : ` (${own.map((sample) => sample.seconds.toFixed(1)).join(', ')})`;
    const ratio = base.length === 0 ? '' : `${(seconds / median(base.map((sample) => sample.seconds))).toFixed(2)}x`;
    return [
      [
        ...[TITLES[transport], `${seconds.toFixed(1)} s${all}`, ratio],
        `${middle((sample) => sample.compileSeconds).toFixed(1)} s`,
        `${middle((sample) => sample.settledSeconds).toFixed(1)} s`,
        formatBytes(middle((sample) => sample.downBytes)),
        formatBytes(middle((sample) => sample.writtenBytes)),
        formatBytes(middle((sample) => sample.mountBytes)),
      ],
    ];
  });
  return table(head, rows);
}
