import type { KeyedStep } from './types.ts';

/** What BuildKit said of a vertex, at the end of its progress. */
export interface ObservedVertex {
  /** Its beginning, as `stepLabel` gives it, or all of it. */
  readonly name: string;
  readonly state: ObservedState;
  /** Of its run; undefined when it was cached or never started. */
  readonly seconds: number | undefined;
  /** When it began, by the builder's clock; files of older versions don't have it. */
  readonly startedAtMs?: number;
}

/** `not-run`: the build ended before it. */
export type ObservedState = 'cached' | 're-run' | 'failed' | 'not-run';

const ORDER: readonly ObservedState[] = ['not-run', 'cached', 're-run', 'failed'];

export interface ObservedStep {
  readonly state: ObservedState;
  readonly seconds: number | undefined;
  readonly startedAtMs?: number;
}

/**
 * `[linux/arm64 build  2/10] COPY . .`: the platform only where a build has several, the stage only where the file has.
 * Source: prefixCommand, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go
 */
const STEP_NAME = /^\[(?:([a-z0-9]+\/\S+) +)?(?:(\S+) +)?(\d+)\/(\d+)\] (\w+)/;

/** `[build 2/5] COPY`, without the rest, into which BuildKit writes the values of arguments; undefined for no step. */
export function stepLabel(name: string): string | undefined {
  return STEP_NAME.exec(name)?.[0];
}

/** A step of several platforms did what the busiest of them did. A step that BuildKit never named has no entry. */
export function observeSteps(
  steps: readonly KeyedStep[],
  vertices: Iterable<ObservedVertex>,
): ReadonlyMap<string, ObservedStep> {
  const observed = new Map<string, ObservedStep>();
  const byPlace = new Map(steps.map((step) => [placeOf(step.stageName, step.number, step.total), step]));
  for (const { name, state, seconds, startedAtMs } of vertices) {
    const [, , stage = '', number = '', total = '', keyword] = STEP_NAME.exec(name) ?? [];
    const step = byPlace.get(placeOf(stage, Number(number), Number(total)));
    // `LINK` is the second half of COPY --link, which puts the layer in its place.
    if (step === undefined || keyword !== step.keyword) continue;
    const known = observed.get(step.id);
    if (known !== undefined && ORDER.indexOf(known.state) > ORDER.indexOf(state)) continue;
    const longest = Math.max(known?.seconds ?? 0, seconds ?? 0);
    observed.set(step.id, {
      state,
      seconds: known?.seconds === undefined && seconds === undefined ? undefined : longest,
      ...earliest(known?.startedAtMs, startedAtMs),
    });
  }
  return observed;
}

function earliest(...times: readonly (number | undefined)[]): Pick<ObservedStep, 'startedAtMs'> {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? {} : { startedAtMs: Math.min(...known) };
}

function placeOf(stage: string, number: number, total: number): string {
  return `${stage} ${number}/${total}`;
}
