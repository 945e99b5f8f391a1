import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoreTest } from '../../src/definitions/dockerignore/context-files.ts';
import { readIgnoreFile } from '../../src/definitions/dockerignore/read-ignore-file.ts';
import { compareBuilds, type BuildInput } from '../../src/explain/compare-builds.ts';
import type { PredictedStep } from '../../src/explain/types.ts';
import { cachedSteps } from '../helpers/cached-steps.ts';
import { CHANGES, INITIAL, type ShapeState } from '../helpers/explain-changes.ts';
import { EXPLAIN_SHAPES, SHAPE_FILES, type Category, type ExplainShape } from '../helpers/explain-shapes.ts';
import { SLICE_SEED, seededSlice } from '../helpers/seeded-slice.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

/**
 * What explain predicts is what BuildKit then does, by BuildKit's own rawjson: every shape with every change that it knows.
 * CI takes some shapes, as SLIPWAY_SEED draws them; `npm run torture` takes all.
 */
const scenarios = EXPLAIN_SHAPES.map((shape) => ({ shape, changes: changesOf(shape) }));

describe('the scenarios', () => {
  it('are enough, of every kind', () => {
    const counts = new Map<Category, number>();
    for (const { shape, changes } of scenarios) {
      for (const category of shape.categories) counts.set(category, (counts.get(category) ?? 0) + changes.length);
    }
    const all = scenarios.reduce((sum, { changes }) => sum + changes.length, 0);
    expect(all).toBeGreaterThanOrEqual(120);
    const wanted = [
      'COPY',
      '--link',
      'bind',
      '--from',
      '.dockerignore',
      'ARG',
      'ENV',
      'heredoc',
      'multi-stage',
    ] as const;
    for (const category of wanted) expect(counts.get(category), category).toBeGreaterThanOrEqual(8);
  });

  it('hold at least 30 in which some steps re-run and some do not', () => {
    const mixed = scenarios.flatMap(({ shape, changes }) => changes.filter((change) => isMixed(shape, change)));
    expect(mixed.length).toBeGreaterThanOrEqual(30);
  });
});

describe(`explain against BuildKit, seed ${SLICE_SEED}`, () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker();
  });
  afterAll(async () => worker?.stop());

  it.each(seededSlice(scenarios, 3).map((each) => [each.shape.name, each] as const))(
    '%s',
    { timeout: 600_000 },
    async (_, { shape, changes }) => {
      const directory = await mkdtemp(join(tmpdir(), 'slipway-explain-'));
      try {
        const before = initialState(shape);
        await buildState(worker, join(directory, 'before'), before, shape);
        for (const [index, { name, after }] of changes.entries()) {
          const predicted = compareBuilds(inputOf(before, shape), inputOf(after, shape));
          const observed = await buildState(worker, join(directory, String(index)), after, shape);
          expect(observedStates(predicted, observed), name).toEqual(expectedStates(predicted, observed));
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  );
});

interface Scenario {
  readonly name: string;
  readonly after: ShapeState;
}

function changesOf(shape: ExplainShape): readonly Scenario[] {
  return CHANGES.flatMap(({ name, apply }, index): readonly Scenario[] => {
    const after = apply(initialState(shape), `n${SLICE_SEED}c${index}`, shape);
    return after === undefined ? [] : [{ name, after }];
  });
}

function initialState(shape: ExplainShape): ShapeState {
  let dockerfile = shape.dockerfile.replaceAll('NONCE', `${shape.name} ${SLICE_SEED}`);
  for (const [mark, value] of Object.entries(INITIAL)) dockerfile = dockerfile.replaceAll(mark, value);
  // No other shape may have the same files: one builder serves them all.
  const own = Object.entries(SHAPE_FILES).map(([path, text]) => [path, `${text}# ${shape.name}\n`] as const);
  return {
    dockerfile,
    files: { ...Object.fromEntries(own), ...shape.files },
    executable: new Set(['tool.sh']),
    args: {},
  };
}

function inputOf({ dockerfile, files, executable, args }: ShapeState, { target }: ExplainShape): BuildInput {
  const all = { ...files, Dockerfile: dockerfile };
  const ignore = files['.dockerignore'];
  const isOut = ignoreTest(ignore === undefined ? undefined : readIgnoreFile('.dockerignore', ignore));
  return {
    dockerfile,
    options: { fileName: 'Dockerfile', buildArgs: args, ...(target !== undefined && { target }) },
    files: new Map(
      Object.entries(all)
        .filter(([path]) => !isOut(path))
        .map(([path, text]) => [path, `${executable.has(path) ? 'executable' : 'plain'} ${text}`]),
    ),
    excludeTest: (patterns) => ignoreTest(readIgnoreFile('--exclude', patterns.join('\n'))),
  };
}

async function buildState(
  worker: Worker,
  context: string,
  { dockerfile, files, executable, args }: ShapeState,
  { target }: ExplainShape,
): Promise<ReadonlyMap<string, boolean>> {
  for (const [path, text] of Object.entries({ ...files, Dockerfile: dockerfile })) {
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), text);
    await chmod(join(context, path), executable.has(path) ? 0o755 : 0o644);
  }
  return cachedSteps(worker, context, [
    ...Object.entries(args).flatMap(([name, value]) => ['--opt', `build-arg:${name}=${value}`]),
    ...(target === undefined ? [] : ['--opt', `target=${target}`]),
  ]);
}

const nameOf = ({ step }: PredictedStep): string => `${step.stageName}/${step.number}`;
const lineOf = ({ step }: PredictedStep, word: string): string => `${word} ${step.stageName} ${step.text}`;

function observedStates(
  predicted: readonly PredictedStep[],
  observed: ReadonlyMap<string, boolean>,
): readonly string[] {
  const known = predicted.map((each) => {
    const cached = observed.get(nameOf(each));
    return lineOf(each, cached === undefined ? 'not seen' : cached ? 'cached' : 're-run');
  });
  const names = new Set(predicted.map(nameOf));
  return [...known, ...[...observed.keys()].filter((name) => !names.has(name)).map((name) => `not predicted ${name}`)];
}

/** A conditional step may do either; all others must do what was said. */
function expectedStates(
  predicted: readonly PredictedStep[],
  observed: ReadonlyMap<string, boolean>,
): readonly string[] {
  return predicted.map((each) => {
    const isFree = each.isConditional && observed.has(nameOf(each));
    const state = isFree ? (observed.get(nameOf(each)) === true ? 'cached' : 're-run') : each.state;
    return lineOf(each, state);
  });
}

function isMixed(shape: ExplainShape, { after }: Scenario): boolean {
  const states = compareBuilds(inputOf(initialState(shape), shape), inputOf(after, shape))
    .filter(({ isConditional }) => !isConditional)
    .map(({ state }) => state);
  return states.includes('cached') && states.includes('re-run');
}
