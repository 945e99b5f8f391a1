import type { EvaluatedBuild, StageStep } from '../dockerfile/evaluate-build.ts';
import { stagePlatform, type Stage } from '../dockerfile/stage-graph.ts';
import { placeSteps } from '../dockerfile/step-places.ts';
import { stateAfter } from '../dockerfile/stage-state.ts';
import { copyKey, type ExcludeTest, type StepKey } from './copy-ingredients.ts';
import { ingredient, keyOf } from './key.ts';
import { runIngredients, type Sources } from './run-ingredients.ts';
import { afterCopy, afterUnknown, contentOf, type StageContent } from './stage-content.ts';
import { mountsOf } from './step-mounts.ts';
import type { ContextFiles, Ingredient, KeyedStep } from './types.ts';

export interface KeyingOptions {
  readonly files: ContextFiles;
  readonly excludeTest: ExcludeTest;
}

/** Where a stage stands behind its last step so far. */
interface StageEnd {
  readonly key: string;
  readonly lastStep: string | undefined;
  readonly content: StageContent;
}

/**
 * Every step of the build with all that decides whether BuildKit has it in its cache. Two builds of one Dockerfile share
 * a step exactly where its key is the same in both.
 */
export function keySteps(build: EvaluatedBuild, options: KeyingOptions): readonly KeyedStep[] {
  const ends = new Map<Stage, StageEnd>();
  const steps: KeyedStep[] = [];
  const places = placeSteps(build);
  const sources: Sources = {
    files: options.files,
    contentOf: (stage) =>
      (ends.get(stage) ?? (stage.base && ends.get(stage.base)) ?? startOf(stage, ends, build)).content,
    namespace: build.context.buildArgs.get('BUILDKIT_CACHE_MOUNT_NS') ?? '',
    escape: build.context.escape,
  };
  for (const stage of build.needed) {
    const own = build.steps.filter((each) => each.stage === stage);
    let end = startOf(stage, ends, build);
    let hasTold = false;
    for (const place of own) {
      const counted = places.get(place);
      if (counted === undefined) continue;
      const made = keyOne(place, build, { sources, excludeTest: options.excludeTest });
      if (made === undefined) continue;
      const { stageName, number, total } = counted;
      // The first step that stands on the image tells of it.
      const isOnImage: boolean = !made.isLinked && stage.base === undefined && !hasTold;
      hasTold ||= isOnImage;
      const ingredients = isOnImage
        ? [ingredient('image', 'FROM', end.content.image), ...made.ingredients]
        : made.ingredients;
      const key = keyOf([place.step.instruction.name, ingredients, made.isLinked ? '' : end.key]);
      const { instruction, line } = place.step;
      steps.push({
        id: `${stage.index}.${number}`,
        stageIndex: stage.index,
        stageName,
        number,
        total,
        keyword: instruction.name.toUpperCase(),
        text: instruction.text.trim(),
        line,
        ingredients,
        parent: end.lastStep,
        isOnParent: !made.isLinked,
        key,
        mounts: mountsOf(place),
      });
      end = {
        // What stands on a linked layer stands on what is below it too.
        key: made.isLinked ? keyOf([end.key, key]) : key,
        lastStep: steps.at(-1)?.id,
        content: made.written === undefined ? afterUnknown(end.content, key) : afterCopy(end.content, made.written),
      };
    }
    ends.set(stage, end);
  }
  return steps;
}

function keyOne(
  place: StageStep,
  build: EvaluatedBuild,
  { sources, excludeTest }: { sources: Sources; excludeTest: ExcludeTest },
): StepKey | undefined {
  switch (place.step.instruction.name) {
    case 'run':
      return { ingredients: runIngredients(place, sources), written: undefined, isLinked: false };
    case 'copy':
    case 'add':
      return copyKey(place, sources, excludeTest);
    case 'workdir':
      return workdirKey(place, build);
    default:
      return undefined;
  }
}

/** WORKDIR makes the directory, as the user in force. */
function workdirKey({ step, before }: StageStep, build: EvaluatedBuild): StepKey {
  const { workdir } = stateAfter(before, step, build.context);
  const epoch = build.context.buildArgs.get('SOURCE_DATE_EPOCH');
  const ingredients: readonly Ingredient[] = [
    ingredient('instruction', 'WORKDIR', workdir),
    ...(before.user === undefined ? [] : [ingredient('instruction', 'USER', before.user)]),
    ...(epoch === undefined ? [] : [ingredient('argument', 'SOURCE_DATE_EPOCH', epoch)]),
  ];
  return { ingredients, written: new Map(), isLinked: false };
}

function startOf(stage: Stage, ends: ReadonlyMap<Stage, StageEnd>, build: EvaluatedBuild): StageEnd {
  const base = stage.base === undefined ? undefined : ends.get(stage.base);
  if (base !== undefined) return base;
  const isContext = stage.isReplaced || build.isNamedContext(stage.baseName);
  const name = isContext && stage.isReplaced ? `context ${stage.name ?? ''}` : stage.baseName;
  const image = stage.baseName === 'scratch' && !isContext ? '' : name;
  return { key: keyOf(['from', image, stagePlatform(stage) ?? '']), lastStep: undefined, content: contentOf(image) };
}
