import { isDigest } from '../core/digest.ts';
import type { Cause, Ingredient, KeyedStep, PredictedStep } from './types.ts';

/**
 * Which steps of a build BuildKit takes from its cache, when all of `before` is in it, and why it re-runs the others.
 * A step that copies from a stage re-runs for sure only when what decides it is known to differ; where that is up to what
 * a RUN makes this time, it is conditional, and so is all that stands on it.
 */
export function predict(before: readonly KeyedStep[], after: readonly KeyedStep[]): readonly PredictedStep[] {
  const known = new Set(before.map(({ key }) => key));
  const done = new Map<string, PredictedStep>();
  return after.map((step) => {
    const predicted = known.has(step.key) ? cached(step) : rerun(step, { before, done });
    done.set(step.id, predicted);
    return predicted;
  });
}

/** What a server hands out may be another thing today: BuildKit asks it in every build. */
function cached(step: KeyedStep): PredictedStep {
  const remote = step.ingredients.filter(({ kind }) => kind === 'remote');
  const causes = remote.map(({ kind, subject }): Cause => ({ kind, subject, detail: 'is asked for again' }));
  return { step, state: 'cached', isConditional: causes.length > 0, causes };
}

interface History {
  readonly before: readonly KeyedStep[];
  readonly done: ReadonlyMap<string, PredictedStep>;
}

function rerun(step: KeyedStep, { before, done }: History): PredictedStep {
  const twin = twinOf(step, before);
  if (twin === undefined) {
    const causes: readonly Cause[] = [
      { kind: 'new', subject: step.keyword, detail: 'no step of the build before is like it' },
    ];
    return { step, state: 're-run', isConditional: false, causes };
  }
  const own = differences(twin.ingredients, step.ingredients);
  const above = step.isOnParent ? causeAbove(step, done) : undefined;
  const causes = [...own, ...(above === undefined ? [] : [above.cause])];
  const isSure = own.some(({ kind }) => kind !== 'output') || (above !== undefined && !above.isConditional);
  return { step, state: 're-run', isConditional: !isSure && causes.length > 0, causes };
}

/** The step of the build before that this one is compared with: the same words, else the same place. */
function twinOf(step: KeyedStep, before: readonly KeyedStep[]): KeyedStep | undefined {
  const inStage = before.filter(({ stageName, keyword }) => stageName === step.stageName && keyword === step.keyword);
  const alike = inStage.filter(({ text }) => text === step.text);
  return alike.find(({ id }) => id === step.id) ?? alike[0] ?? inStage.find(({ id }) => id === step.id);
}

function causeAbove(
  step: KeyedStep,
  done: ReadonlyMap<string, PredictedStep>,
): { readonly cause: Cause; readonly isConditional: boolean } | undefined {
  const above = step.parent === undefined ? undefined : nearestRerun(step.parent, done);
  if (above === undefined) return undefined;
  const { line, keyword } = above.step;
  return {
    cause: { kind: 'step', subject: `${keyword} in line ${line}`, detail: 're-runs', step: above.step.id },
    isConditional: above.isConditional,
  };
}

/** A cached COPY --link may stand between: what it was put onto changed all the same. */
function nearestRerun(id: string, done: ReadonlyMap<string, PredictedStep>): PredictedStep | undefined {
  for (
    let at = done.get(id);
    at !== undefined;
    at = at.step.parent === undefined ? undefined : done.get(at.step.parent)
  ) {
    if (at.state === 're-run') return at;
  }
  return undefined;
}

/** In an order that tells most first: files, then arguments and variables, then the words of the instruction. */
const ORDER: readonly Cause['kind'][] = ['image', 'file', 'argument', 'variable', 'remote', 'instruction', 'output'];

function differences(before: readonly Ingredient[], after: readonly Ingredient[]): readonly Cause[] {
  const name = ({ kind, subject }: Ingredient): string => `${kind}\0${subject}`;
  const old = new Map(before.map((each) => [name(each), each]));
  const fresh = new Map(after.map((each) => [name(each), each]));
  const causes: Cause[] = [];
  for (const [key, each] of fresh) {
    const was = old.get(key);
    if (was?.value !== each.value) causes.push({ kind: each.kind, subject: each.subject, detail: detailOf(was, each) });
  }
  for (const [key, each] of old) {
    if (!fresh.has(key)) causes.push({ kind: each.kind, subject: each.subject, detail: 'removed' });
  }
  return causes.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function detailOf(before: Ingredient | undefined, { kind, value }: Ingredient): string {
  if (kind === 'output') return 'what it holds may be another this time';
  // A fingerprint has digests in their place.
  const hasValue = (kind === 'argument' || kind === 'variable' || kind === 'image') && !isDigest(value);
  if (before === undefined) return hasValue ? `added, \`${value}\`` : 'added';
  return hasValue ? `was \`${before.value}\`, is \`${value}\`` : 'changed';
}
