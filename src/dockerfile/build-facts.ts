import { SlipwayError } from '../core/errors.ts';
import { evaluateGlobals } from './build-arguments.ts';
import { contextNameMatcher } from './context-names.ts';
import { detectSyntax } from './directives.ts';
import { isDockerfileFrontend } from './frontend.ts';
import { collectCompiles, collectMounts } from './go-facts.ts';
import { parseDockerfileStrictly, problemError } from './parse.ts';
import { normalizePlatform, parsePlatform, type Platform } from './platform.ts';
import { readRunFacts, type RunFacts } from './run-facts.ts';
import { buildStageGraph, LocatedError, stagePlatform, type Stage } from './stage-graph.ts';
import { startOfStage, stateAfter, type EvaluationContext, type StageState } from './stage-state.ts';
import type { DockerfileTree } from './tree.ts';
import type { BaseImage, BuildFacts, FactsOptions } from './types.ts';

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
    return { ...evaluate(tree, options, buildArgs), syntax };
  } catch (error) {
    if (!(error instanceof LocatedError)) throw error;
    const hint = 'Correct the line, or give the value with `--build-arg`.';
    throw problemError({ line: error.line, message: error.message, hint }, options.fileName);
  }
}

const NO_FACTS: Omit<BuildFacts, 'syntax'> = {
  isKnownFrontend: false,
  targetStageIndex: -1,
  targetStageName: undefined,
  neededStages: [],
  baseImages: [],
  mounts: [],
  compiles: [],
};

function definedArguments(buildArgs: FactsOptions['buildArgs']): ReadonlyMap<string, string> {
  const defined = new Map<string, string>();
  for (const [name, value] of Object.entries(buildArgs)) {
    if (value !== undefined) defined.set(name, value);
  }
  return defined;
}

function evaluate(
  tree: DockerfileTree,
  options: FactsOptions,
  buildArgs: ReadonlyMap<string, string>,
): Omit<BuildFacts, 'syntax'> {
  const buildPlatform = readPlatform(options.buildPlatform ?? 'linux/amd64');
  const targetPlatform = options.targetPlatform === undefined ? buildPlatform : readPlatform(options.targetPlatform);
  const lastName = tree.instructions.findLast((node) => node.name === 'from')?.args[2]?.toLowerCase() ?? '';
  const targetName = options.target === undefined || options.target === '' ? lastName : options.target;
  const globals = evaluateGlobals(tree, { buildArgs, buildPlatform, targetPlatform, targetName });
  const isNamedContext = contextNameMatcher(options.buildContextNames ?? []);
  const graph = buildStageGraph(tree, { globals, isNamedContext });
  const target = findTarget(graph.stages, options);
  const needed = graph.neededFor(target);
  const context = { escape: tree.escape, globals, buildArgs };
  const runs = evaluateStages(needed, context, isNamedContext);
  return {
    isKnownFrontend: true,
    targetStageIndex: target.index,
    targetStageName: target.name,
    neededStages: needed.map(({ index, name, baseName, line }) => ({ index, name, baseName, line })),
    baseImages: baseImagesOf(needed, isNamedContext),
    mounts: collectMounts(runs),
    compiles: collectCompiles(runs),
  };
}

function readPlatform(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform !== undefined) return normalizePlatform(platform);
  throw new SlipwayError('USAGE', `\`--platform ${text}\` is no platform`, {
    hint: 'Write linux/amd64 or linux/arm64.',
  });
}

/** BuildKit takes stage names only, in any case; a number is no target for it. */
function findTarget(stages: readonly Stage[], options: FactsOptions): Stage {
  const { target } = options;
  const found =
    target === undefined || target === ''
      ? stages.at(-1)
      : stages.findLast((stage) => stage.name === target.toLowerCase());
  if (found !== undefined) return found;
  const names = stages.flatMap((stage) => (stage.name === undefined ? [] : [`\`${stage.name}\``]));
  const there =
    names.length === 0 ? 'No stage has a name: write FROM image AS name.' : `The stages are ${names.join(', ')}.`;
  throw new SlipwayError('TARGET_UNKNOWN', `\`${options.fileName}\` has no stage \`${target}\``, { hint: there });
}

/** A RUN with the stage it is in. */
export interface StageRun {
  readonly stage: Stage;
  readonly facts: RunFacts;
}

function evaluateStages(
  needed: readonly Stage[],
  context: EvaluationContext,
  isNamedContext: (name: string) => boolean,
): readonly StageRun[] {
  const ends = new Map<Stage, StageState>();
  const runs: StageRun[] = [];
  for (const stage of needed) {
    const base = stage.base === undefined ? undefined : ends.get(stage.base);
    let state = startOfStage(stage, base, stage.isReplaced || isNamedContext(stage.baseName));
    for (const step of stage.isReplaced ? [] : stage.steps) {
      for (const source of step.sources) {
        if (source.index >= stage.index) {
          const hint = `stage \`${source.name ?? source.index}\` stands below the step that needs it`;
          throw new LocatedError(step.line, hint);
        }
      }
      if (step.instruction.name === 'run') {
        const facts = readRunFacts(step, state, context);
        runs.push({ stage, facts });
        state = { ...state, goEnv: facts.goEnv };
      } else state = stateAfter(state, step, context);
    }
    ends.set(stage, state);
  }
  return runs;
}

function baseImagesOf(needed: readonly Stage[], isNamedContext: (name: string) => boolean): readonly BaseImage[] {
  const images = new Map<string, BaseImage>();
  for (const stage of needed) {
    const isImage = !stage.isReplaced && stage.base === undefined && stage.baseName !== 'scratch';
    if (!isImage || isNamedContext(stage.baseName)) continue;
    const platform = stagePlatform(stage);
    images.set(`${stage.baseName} ${platform ?? ''}`, { reference: stage.baseName, platform });
  }
  return [...images.values()];
}
