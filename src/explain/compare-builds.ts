import { SlipwayError } from '../core/errors.ts';
import { definedArguments } from '../dockerfile/build-facts.ts';
import { detectSyntax } from '../dockerfile/directives.ts';
import { evaluateBuild } from '../dockerfile/evaluate-build.ts';
import { isDockerfileFrontend } from '../dockerfile/frontend.ts';
import { parseDockerfileStrictly, problemError } from '../dockerfile/parse.ts';
import { LocatedError } from '../dockerfile/stage-graph.ts';
import type { FactsOptions } from '../dockerfile/types.ts';
import type { ExcludeTest } from './copy-ingredients.ts';
import { keySteps } from './key-steps.ts';
import { predict } from './predict.ts';
import type { ContextFiles, KeyedStep, PredictedStep } from './types.ts';

/** One build: its Dockerfile, its arguments and the files it is sent. */
export interface BuildInput {
  readonly dockerfile: string;
  readonly options: FactsOptions;
  readonly files: ContextFiles;
  readonly excludeTest: ExcludeTest;
}

/**
 * Predicts which steps of `after` BuildKit takes from its cache when `before` was built on the same builder. Throws
 * DOCKERFILE_INVALID with `file:line`, TARGET_UNKNOWN, and INPUT_INVALID for a frontend that is not docker/dockerfile.
 */
export function compareBuilds(before: BuildInput, after: BuildInput): readonly PredictedStep[] {
  return predict(readSteps(before), readSteps(after));
}

/** The steps of one build, with what decides each. Throws as `compareBuilds` does. */
export function readSteps({ dockerfile, options, files, excludeTest }: BuildInput): readonly KeyedStep[] {
  const buildArgs = definedArguments(options.buildArgs);
  const syntax = buildArgs.get('BUILDKIT_SYNTAX') ?? detectSyntax(dockerfile);
  if (!isDockerfileFrontend(syntax)) {
    throw new SlipwayError('INPUT_INVALID', `the frontend \`${syntax}\` is not docker/dockerfile`, {
      hint: 'What another frontend makes of the file can only be seen by building it.',
    });
  }
  const tree = parseDockerfileStrictly(dockerfile, options.fileName);
  try {
    return keySteps(evaluateBuild(tree, options, buildArgs), { files, excludeTest });
  } catch (error) {
    if (!(error instanceof LocatedError)) throw error;
    const hint = 'Correct the line, or give the value with `--build-arg`.';
    throw problemError({ line: error.line, message: error.message, hint }, options.fileName);
  }
}
