import { detectSyntax } from './directives.ts';
import { evaluateBuild, type EvaluatedBuild } from './evaluate-build.ts';
import { isDockerfileFrontend } from './frontend.ts';
import { collectCompiles, collectGoPrivate, collectMounts } from './go-facts.ts';
import { parseDockerfileStrictly, problemError } from './parse.ts';
import { LocatedError, stagePlatform } from './stage-graph.ts';
import { placeSteps } from './step-places.ts';
import type { BaseImage, BuildFacts, FactsOptions } from './types.ts';
import { findCalls, findWholeModuleUse } from './whole-modules.ts';

/**
 * Reads what slipway needs to know of a Dockerfile for one build: the stages the target needs, their Go cache mounts and compiles.
 * Throws DOCKERFILE_INVALID with `file:line` for what BuildKit refuses too, TARGET_UNKNOWN for a target that isn't there.
 * With another frontend than docker/dockerfile the file isn't looked at.
 */
export function readBuildFacts(text: string, options: FactsOptions): BuildFacts {
  const buildArgs = definedArguments(options.buildArgs);
  const syntax = buildArgs.get('BUILDKIT_SYNTAX')?.trim().split(' ', 1)[0] ?? detectSyntax(text);
  if (!isDockerfileFrontend(syntax)) return { ...NO_FACTS, syntax };
  const tree = parseDockerfileStrictly(text, options.fileName);
  try {
    return { ...toFacts(evaluateBuild(tree, options, buildArgs)), syntax };
  } catch (error) {
    if (!(error instanceof LocatedError)) throw error;
    const hint = 'Correct the line, or give the value with `--build-arg`.';
    throw problemError({ line: error.line, message: error.message, hint }, options.fileName);
  }
}

/** `--build-arg` values; names without any value are none. */
export function definedArguments(buildArgs: FactsOptions['buildArgs']): ReadonlyMap<string, string> {
  const defined = new Map<string, string>();
  for (const [name, value] of Object.entries(buildArgs)) {
    if (value !== undefined) defined.set(name, value);
  }
  return defined;
}

const NO_FACTS: Omit<BuildFacts, 'syntax'> = {
  isKnownFrontend: false,
  targetStageIndex: -1,
  targetStageName: undefined,
  neededStages: [],
  baseImages: [],
  mounts: [],
  mountSteps: [],
  compiles: [],
  goPrivate: [],
};

function toFacts(build: EvaluatedBuild): Omit<BuildFacts, 'syntax'> {
  return {
    isKnownFrontend: true,
    targetStageIndex: build.target.index,
    targetStageName: build.target.name,
    neededStages: build.needed.map(({ index, name, baseName, line }) => ({ index, name, baseName, line })),
    baseImages: baseImagesOf(build),
    mounts: collectMounts(build.runs),
    mountSteps: nameMountSteps(build),
    compiles: collectCompiles(build.runs),
    goPrivate: collectGoPrivate(build.runs),
    wholeModules: findWholeModuleUse(build.runs),
    calls: findCalls(build.runs),
  };
}

function baseImagesOf({ needed, isNamedContext }: EvaluatedBuild): readonly BaseImage[] {
  const images = new Map<string, BaseImage>();
  for (const stage of needed) {
    const isImage = !stage.isReplaced && stage.base === undefined && stage.baseName !== 'scratch';
    if (!isImage || isNamedContext(stage.baseName)) continue;
    const platform = stagePlatform(stage);
    images.set(`${stage.baseName} ${platform ?? ''}`, { reference: stage.baseName, platform });
  }
  return [...images.values()];
}

function nameMountSteps(build: EvaluatedBuild): readonly string[] {
  return [...placeSteps(build)].flatMap(([{ run, step }, { stageName, number, total }]) => {
    if (run === undefined || run.cacheMounts.length === 0) return [];
    const stage = stageName === '' ? '' : `${stageName} `;
    return [`[${stage}${number}/${total}] ${step.isTrigger ? 'ONBUILD ' : ''}RUN`];
  });
}
