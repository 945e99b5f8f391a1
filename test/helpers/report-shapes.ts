import type { BenchResults, BenchSample } from '../../src/bench/results.ts';
import type { ExplainDocument, StepDocument } from '../../src/explain/document.ts';
import { makeReport, type ReportFacts } from '../../src/report/make-report.ts';
import type { ReportData, ReportFinding, ReportPastRun, ReportRun } from '../../src/report/data.ts';

/** One step of a made build; `id` is `<stage>.<number>`. */
export function step(id: string, text: string, more: Partial<StepDocument> = {}): StepDocument {
  const [stage = '', number = '1'] = id.split('.');
  return {
    id,
    stage,
    number: Number(number),
    total: 5,
    line: Number(number) + 1,
    keyword: text.split(' ')[0] ?? '',
    text,
    state: 'cached',
    isConditional: false,
    after: [],
    causes: [],
    mounts: [],
    ...more,
  };
}

export function documentOf(steps: readonly StepDocument[], more: Partial<ExplainDocument> = {}): ExplainDocument {
  const count = (state: StepDocument['state']): number => steps.filter((each) => each.state === state).length;
  const counts = { cached: count('cached'), rerun: count('re-run') + count('failed'), conditional: 0 };
  return { schemaVersion: 1, tells: 'build', steps, counts, ignored: [], ...more };
}

const above = (subject: string): StepDocument['causes'] => [
  { kind: 'step', subject, detail: 're-runs', step: 'build.4' },
];
const CACHE = '--mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache';

/** A build in three stages, two of them side by side, of which an edit re-ran the lower half. */
export const STEPS: readonly StepDocument[] = [
  step('build.2', 'WORKDIR /src', { line: 3 }),
  step('build.3', 'COPY go.mod go.sum ./', { line: 4, after: ['build.2'] }),
  step('build.4', 'COPY . .', {
    line: 5,
    after: ['build.3'],
    state: 're-run',
    seconds: 0.3,
    startedAfter: 0,
    causes: [
      { kind: 'file', subject: 'internal/word/word.go', detail: 'changed' },
      { kind: 'file', subject: 'main.go', detail: 'changed' },
    ],
  }),
  step('build.5', `RUN ${CACHE} go build -o /bin/app ./cmd/app`, {
    line: 6,
    after: ['build.4'],
    state: 're-run',
    seconds: 6.4,
    startedAfter: 0.3,
    causes: above('COPY in line 5'),
    mounts: [
      { target: '/go-cache', kind: 'gocache' },
      { target: '/gomod-cache', kind: 'gomodcache' },
    ],
  }),
  step('assets.2', 'RUN apk add --no-cache ca-certificates tzdata', {
    line: 9,
    state: 're-run',
    seconds: 3.1,
    startedAfter: 0.1,
    causes: [{ kind: 'image', subject: 'alpine:3.22', detail: 'changed' }],
  }),
  step('stage-2.1', 'COPY --from=assets /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/', {
    line: 12,
    after: ['assets.2'],
  }),
  step('stage-2.2', 'COPY --from=build /bin/app /bin/app', {
    line: 13,
    after: ['stage-2.1', 'build.5'],
    state: 're-run',
    seconds: 0.2,
    startedAfter: 6.8,
    causes: [{ kind: 'output', subject: 'build', detail: 'what it holds may be another this time' }],
  }),
];

export const RUN: ReportRun = {
  finishedAt: '2026-11-25T10:00:16.000Z',
  exitCode: 0,
  engine: 'docker buildx, builder default',
  store: 'registry.example.com/app/cache',
  scope: 'main',
  totalSeconds: 16.1,
  buildSeconds: 10.4,
  savedSeconds: 206.9,
  restore: { state: 'restored', seconds: 4.2 },
  save: { state: 'saved', seconds: 1.5 },
  spans: [
    { name: 'restore', from: 0, to: 4.2 },
    { name: 'pull', from: 0.1, to: 5.3 },
    { name: 'build', from: 4.2, to: 14.6 },
    { name: 'save', from: 14.6, to: 16.1 },
  ],
  transfers: [
    { direction: 'down', what: 'gocache', bytes: 25_800_000 },
    { direction: 'down', what: 'gomodcache', bytes: 1_200_000 },
    { direction: 'up', what: 'gocache', bytes: 341_000 },
    { direction: 'up', what: 'documents', bytes: 18_000 },
  ],
  entries: {
    restored: 5334,
    used: 3692,
    new: 6,
    rejected: 0,
    stored: [
      { kind: 'gocache', bytes: 293_000_000, entries: 8872, idle: 3038 },
      { kind: 'gomodcache', bytes: 27_000_000, entries: 1206, idle: 0 },
    ],
  },
  warnings: [],
};

export const HISTORY: readonly ReportPastRun[] = [223, 41, 17.2, 16.4, 38.1, 15.9, 16.1].map((totalSeconds, index) => ({
  finishedAt: `2026-11-25T0${3 + index}:00:00.000Z`,
  isFailed: false,
  totalSeconds,
  restoreSeconds: index === 0 ? 0.1 : 4.2,
  buildSeconds: Math.max(1, totalSeconds - 6),
  saveSeconds: index === 0 ? 5.9 : 1.5,
  bytesDown: index === 0 ? 0 : 27_000_000,
  bytesUp: index === 0 ? 290_000_000 : 359_000,
  bytesStored: 290_000_000 + index * 5_000_000,
  entriesNew: index === 0 ? 8866 : 6,
}));

export const FINDINGS: readonly ReportFinding[] = [
  {
    ruleId: 'debug-info-linked-and-shipped',
    severity: 'info',
    confidence: 'high',
    file: 'Dockerfile',
    line: 6,
    message: '`go build` links DWARF into the program: `-ldflags="-s -w"` leaves it out',
    cost: 'some seconds of linking in each build',
  },
  {
    ruleId: 'forced-rebuild-flag',
    severity: 'high',
    confidence: 'high',
    file: 'Makefile',
    line: 12,
    message: '`go build -a` compiles every package anew, so the mount on `/go-cache` is never read',
    cost: 'every package is compiled again in each build',
    fix: {
      title: 'Remove `-a`',
      isSafe: true,
      edits: [
        {
          file: 'Makefile',
          line: 12,
          removed: ['\tgo build -a -o bin/app ./cmd/app'],
          inserted: ['\tgo build -o bin/app ./cmd/app'],
        },
      ],
    },
  },
];

function sample(
  strategy: BenchSample['strategy'],
  scenario: BenchSample['scenario'],
  [seconds, index]: readonly [number, number],
): BenchSample {
  return {
    strategy,
    scenario,
    cgo: 0,
    repeat: index + 1,
    isWarmUp: false,
    seconds,
    phases: { before: 0, build: seconds, after: 0 },
    isCensored: false,
    steps: [],
    bytesDown: 0,
    bytesUp: 0,
    bytesStored: 0,
    startedAfter: 0,
  };
}

export const BENCH: BenchResults = {
  schemaVersion: 1,
  kind: 'slipway-bench',
  startedAt: '2026-11-24T10:00:00.000Z',
  finishedAt: '2026-11-24T12:00:00.000Z',
  isQuick: false,
  isPartial: false,
  repeats: 3,
  isolation: 'fresh-workers',
  machine: { cores: 2, cpu: 'a processor', memoryBytes: 8e9, kernel: '6.1', diskWriteBytesPerSecond: 2e8, tools: {} },
  project: { module: 'example.com/app', isDirty: false, program: './cmd/app', packages: 1190, modules: 215 },
  samples: [
    ...[221, 223, 240].map((seconds, index) => sample('none', 'edit-main', [seconds, index])),
    ...[98, 103, 111].map((seconds, index) => sample('copy', 'edit-main', [seconds, index])),
    ...[25, 29, 33].map((seconds, index) => sample('slipway', 'edit-main', [seconds, index])),
    ...[11.6, 12.4, 14].map((seconds, index) => sample('mounts', 'edit-main', [seconds, index])),
    ...[222, 226, 231].map((seconds, index) => sample('none', 'dependency-bump', [seconds, index])),
    ...[61, 66, 80].map((seconds, index) => sample('slipway', 'dependency-bump', [seconds, index])),
  ],
  left: ['builder-image: there is no registry to push to'],
};

const PACKAGES: ExplainDocument['packages'] = [
  { path: 'example.com/app/internal/word', platform: 'linux/amd64', kind: 'sources', detail: '' },
  ...['main', 'example.com/app/internal/greet', 'example.com/app/internal/serve'].map((path) => ({
    path,
    platform: 'linux/amd64',
    kind: 'import' as const,
    detail: 'example.com/app/internal/word',
  })),
  { path: 'example.com/lib/extra', platform: 'linux/amd64', kind: 'new', detail: '' },
];

/** A report that has every section. */
export function fullReport(more: Partial<ReportFacts> = {}): ReportData {
  return makeReport({
    madeAtMs: Date.parse('2026-11-25T10:05:00Z'),
    slipwayVersion: '0.1.0',
    subject: { name: 'app', dockerfile: 'build/Dockerfile', target: 'prod' },
    document: documentOf(STEPS, { packages: PACKAGES }),
    run: RUN,
    history: HISTORY,
    findings: FINDINGS,
    bench: BENCH,
    ...more,
  });
}

/** A build of many stages and packages. */
export function hugeReport(steps: number, packages: number): ReportData {
  const perStage = 30;
  const many = Array.from({ length: steps }, (_, index) => {
    const [stage, number] = [`service-${Math.floor(index / perStage)}`, (index % perStage) + 1];
    const isFirst = number === 1;
    return step(`${stage}.${number}`, `RUN ${CACHE} go build -o /out/${index} ./cmd/program-${index}`, {
      line: index + 2,
      total: perStage,
      after: isFirst ? (index === 0 ? [] : ['service-0.1']) : [`${stage}.${number - 1}`],
      state: index % 3 === 0 ? 'cached' : 're-run',
      ...(index % 3 === 0 ? {} : { seconds: 1 + (index % 7), startedAfter: index }),
      causes: index % 3 === 0 ? [] : [{ kind: 'file', subject: `cmd/program-${index}/main.go`, detail: 'changed' }],
    });
  });
  const compiled = Array.from({ length: packages }, (_, index) => ({
    path: packagePath(index),
    platform: 'linux/amd64',
    kind: index % 10 === 0 ? ('sources' as const) : ('import' as const),
    detail: packagePath(index - (index % 10)),
  }));
  return fullReport({ document: documentOf(many, { packages: compiled }) });
}

function packagePath(index: number): string {
  return `module-${index % 50}.example.com/product/internal/services/package-${index}`;
}
