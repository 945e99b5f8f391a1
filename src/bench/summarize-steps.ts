import type { BenchSample } from './results.ts';
import { median } from './statistics.ts';

/** What a step is to a Go build; a RUN that downloads and compiles counts as `compile`. */
export type StepKind = 'download' | 'compile' | 'other';

export interface StepSummary {
  /** Without BuildKit's numbers: `RUN go build -o /out/app .` */
  readonly name: string;
  /** Empty for a file's only stage. */
  readonly stage: string;
  readonly kind: StepKind;
  /** In how many builds it ran, and in how many it came from the cache. */
  readonly ran: number;
  readonly cached: number;
  /** Median over all builds that had the step; one from the cache counts with the seconds BuildKit gives it. */
  readonly seconds: number;
}

/** The steps of a cell's builds in the order of the first build that had each. */
export function summarizeSteps(samples: readonly BenchSample[]): readonly StepSummary[] {
  const steps = samples.flatMap(({ steps }) => steps.map((step) => ({ ...step, ...splitName(step.name) })));
  return [...Map.groupBy(steps, ({ stage, command }) => `${stage}\0${command}`).values()].map((group) => {
    const { stage, command } = group[0] as (typeof group)[number];
    const cached = group.filter(({ isCached }) => isCached).length;
    return {
      name: command,
      stage,
      kind: stepKind(command),
      ran: group.length - cached,
      cached,
      seconds: median(group.map(({ seconds }) => seconds)),
    };
  });
}

/** Seconds of one kind of step in a build, one after the other: the sum of the medians. */
export function secondsOfKind(steps: readonly StepSummary[], kind: StepKind): number | undefined {
  const found = steps.filter((step) => step.kind === kind);
  return found.length === 0 ? undefined : found.reduce((sum, { seconds }) => sum + seconds, 0);
}

export function stepKind(name: string): StepKind {
  if (!/\bRUN\b/.test(name)) return 'other';
  if (/\bgo\s+(?:-C\s+\S+\s+)?(?:build|install|test|run|vet)(?![\w-])/.test(name)) return 'compile';
  return /\bgo\s+(?:-C\s+\S+\s+)?(?:mod\s+(?:download|vendor|tidy)|get)(?![\w-])/.test(name) ? 'download' : 'other';
}

/** `[build 3/4] RUN go build` or `[3/4] RUN go build`: the same step has other numbers in another Dockerfile. */
function splitName(name: string): { readonly stage: string; readonly command: string } {
  const match = /^\[(?:(?<stage>\S+) )?\s*\d+\/\d+\] (?<command>[^]*)$/.exec(name);
  return { stage: match?.groups?.['stage'] ?? '', command: match?.groups?.['command'] ?? name };
}
