import { type Sample, samplesOf } from './results.ts';
import { median } from '../../src/bench/statistics.ts';

/** One line of the table "must reach". */
export interface Verdict {
  readonly goal: string;
  readonly subject: string;
  readonly measured: number;
  readonly unit: 'x' | 'bytes' | 's';
  readonly limit: number;
  readonly sense: 'at-least' | 'at-most';
  readonly isPassed: boolean;
  /** True where the slower side was cut off, so that the ratio is at least what is printed. */
  readonly isLowerBound: boolean;
  /** Goals hold for edits in main and the leaf; the third edit is reported. */
  readonly isReportOnly: boolean;
}

type Figure = (samples: readonly Sample[]) => Measured | undefined;
interface Measured {
  readonly value: number;
  readonly isLowerBound?: boolean;
}

interface Goal {
  readonly goal: string;
  readonly subject: string;
  readonly unit: Verdict['unit'];
  readonly limit: number;
  readonly sense: Verdict['sense'];
  readonly isReportOnly?: boolean;
  readonly figure: Figure;
}

/** What is to be reached. Where modules travel as trees, a fresh worker is to come close to a persistent one. */
const LIMITS = {
  zips: { timesCold: 4, timesPersistent: 4, timesPullAndPersistent: 2, saveSeconds: 4, timesUsed: 1.3 },
  trees: { timesCold: 8, timesPersistent: 1.6, timesPullAndPersistent: 1.25, saveSeconds: 2, timesUsed: 1.15 },
};

/** Every goal that the samples can answer; one whose samples are missing is left out. */
export function judge(samples: readonly Sample[], modules: keyof typeof LIMITS = 'zips'): readonly Verdict[] {
  return goalsWithin(LIMITS[modules]).flatMap((goal) => {
    const measured = goal.figure(samples);
    if (measured === undefined) return [];
    const isPassed = goal.sense === 'at-least' ? measured.value >= goal.limit : measured.value <= goal.limit;
    const { figure: _, ...rest } = goal;
    return [
      {
        ...rest,
        measured: measured.value,
        isPassed,
        isLowerBound: measured.isLowerBound ?? false,
        isReportOnly: goal.isReportOnly ?? false,
      },
    ];
  });
}

const MB = 1_000_000;
const MIB = 1_048_576;
const EDIT_SUBJECTS = [
  { edit: 'main', isReportOnly: false },
  { edit: 'leaf', isReportOnly: false },
  { edit: 'wide', isReportOnly: true },
] as const;

const goalsWithin = (limits: (typeof LIMITS)['zips']): readonly Goal[] => [
  ...EDIT_SUBJECTS.flatMap(({ edit, isReportOnly }): Goal[] => [
    {
      goal: 'cold fresh worker : fresh worker with restore, whole command with save, base image missing in both',
      subject: edit,
      unit: 'x',
      limit: limits.timesCold,
      sense: 'at-least',
      isReportOnly,
      figure: ratio(seconds('cold', 'base missing'), seconds('warm-missing', edit)),
    },
    {
      goal: 'cold fresh worker : fresh worker with restore, whole command with save, base image present in both',
      subject: edit,
      unit: 'x',
      limit: limits.timesCold,
      sense: 'at-least',
      isReportOnly,
      figure: ratio(seconds('cold', 'base present'), seconds('warm-present', edit)),
    },
    {
      goal: 'base image present: restore + build : persistent builder',
      subject: edit,
      unit: 'x',
      limit: limits.timesPersistent,
      sense: 'at-most',
      isReportOnly,
      figure: ratio(value('warm-present', edit, 'restoreAndBuild'), seconds('persistent', edit)),
    },
    {
      goal: 'base image missing: restore + build : base image pull + persistent builder',
      subject: edit,
      unit: 'x',
      limit: limits.timesPullAndPersistent,
      sense: 'at-most',
      isReportOnly,
      figure: ratio(
        value('warm-missing', edit, 'restoreAndBuild'),
        sum(seconds('base-pull'), seconds('persistent', edit)),
      ),
    },
    {
      goal: 'bytes of all request bodies of the save',
      subject: edit,
      unit: 'bytes',
      limit: MB,
      sense: 'at-most',
      isReportOnly,
      figure: value('warm-present', edit, 'requestBodyBytes'),
    },
    {
      goal: 'seconds of the save',
      subject: edit,
      unit: 's',
      limit: limits.saveSeconds,
      sense: 'at-most',
      isReportOnly,
      figure: value('warm-present', edit, 'save'),
    },
  ]),
  {
    goal: 'packs of the build cache that came : what the build used of them, packed',
    subject: 'main',
    unit: 'x',
    limit: limits.timesUsed,
    sense: 'at-most',
    figure: ratio(value('warm-present', 'main', 'bytesDownGocache'), value('warm-present', 'main', 'bytesUsedPacked')),
  },
  {
    goal: 'nothing changed, with a layer cache: fresh worker less persistent builder',
    subject: 'none',
    unit: 's',
    limit: 5,
    sense: 'at-most',
    figure: combine(
      value('unchanged', 'fresh worker', 'restoreAndBuild'),
      seconds('unchanged', 'persistent'),
      (a, b) => a - b,
    ),
  },
  {
    goal: 'whole directories in and out : restore + save',
    subject: 'main',
    unit: 'x',
    limit: 4,
    sense: 'at-least',
    figure: ratio(value('copy', 'main', 'inAndOut'), value('warm-present', 'main', 'restoreAndSave')),
  },
  {
    goal: 'mounts that hold the snapshot: `slipway restore` less an empty helper build',
    subject: 'none',
    unit: 's',
    limit: 1,
    sense: 'at-most',
    figure: combine(seconds('already-warm', 'restore'), seconds('already-warm', 'helper'), (a, b) => a - b),
  },
  {
    goal: "the CLI's peak memory (256 MiB), restore + build + save",
    subject: 'main',
    unit: 'bytes',
    limit: 256 * MIB,
    sense: 'at-most',
    figure: largest(['warm-present', 'warm-missing'], 'peakBytes'),
  },
  {
    goal: "the CLI's peak memory (256 MiB), first save of the whole cache",
    subject: 'seed',
    unit: 'bytes',
    limit: 256 * MIB,
    sense: 'at-most',
    figure: largest(['seed'], 'peakBytes'),
  },
  ...['source', 'bundle'].map(
    (variant): Goal => ({
      goal: '`slipway --help` : `node -e 0`',
      subject: variant,
      unit: 'x',
      limit: 2.5,
      sense: 'at-most',
      figure: ratio(seconds('start', variant), seconds('start', 'node')),
    }),
  ),
];

function seconds(name: Sample['case'], variant?: string): Figure {
  return (samples) => measured(samplesOf(samples, name, variant), (sample) => sample.seconds);
}

function value(name: Sample['case'], variant: string, key: string): Figure {
  return (samples) => measured(samplesOf(samples, name, variant), (sample) => sample.values[key]);
}

function measured(samples: readonly Sample[], read: (sample: Sample) => number | undefined): Measured | undefined {
  const values = samples.flatMap((sample) => read(sample) ?? []);
  if (values.length === 0) return undefined;
  return { value: median(values), isLowerBound: samples.some((sample) => sample.isCensored === true) };
}

function largest(names: readonly Sample['case'][], key: string): Figure {
  return (samples) => {
    const values = names.flatMap((name) => samplesOf(samples, name)).flatMap((sample) => sample.values[key] ?? []);
    return values.length === 0 ? undefined : { value: Math.max(...values) };
  };
}

function ratio(top: Figure, bottom: Figure): Figure {
  return combine(top, bottom, (a, b) => a / b);
}

function sum(left: Figure, right: Figure): Figure {
  return combine(left, right, (a, b) => a + b);
}

function combine(left: Figure, right: Figure, join: (a: number, b: number) => number): Figure {
  return (samples) => {
    const [a, b] = [left(samples), right(samples)];
    if (a === undefined || b === undefined) return undefined;
    return { value: join(a.value, b.value), isLowerBound: a.isLowerBound === true };
  };
}
