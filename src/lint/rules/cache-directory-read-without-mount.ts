import type { Range } from '../../dockerfile/tree.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { ModuleFlow } from '../facts/module-flow.ts';
import type { CopyStep, RunStep, StepFacts } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { isToolInstall } from '../reading/fetches.ts';
import {
  fillsCache,
  isFilledWithoutMount,
  isInCache,
  mountedCaches,
  readWord,
  type MountedCache,
} from '../reading/mounted-caches.ts';
import { chainSteps } from '../reading/stage-steps.ts';
import type { BuildRule, Problem } from '../types.ts';

export const cacheDirectoryReadWithoutMount: BuildRule = {
  id: 'cache-directory-read-without-mount',
  number: 14,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'none',
  summary: 'a Go cache that lives in a mount is read where the mount is not',
  check: (build) => {
    const caches = mountedCaches(build);
    return [
      ...build.steps.flatMap((step) => caches.flatMap((cache) => checkStep(build, step, cache)).slice(0, 1)),
      ...build.flows.flatMap((flow, index) => checkFlow(build, flow, build.flows.slice(0, index))),
    ];
  },
};

/** A compile that finds none of the modules, as every download before it put them into a mount. */
function checkFlow(
  build: ImageBuild,
  { compile, downloads, strategy }: ModuleFlow,
  earlier: readonly ModuleFlow[],
): readonly Problem[] {
  if (strategy !== 'mixed') return [];
  const { run, command } = compile;
  const { path, mount, bind } = command.go?.goModCache ?? {};
  const own = downloads.filter((download) => !isToolInstall(download.command));
  const [first] = own;
  if (path === undefined || mount !== undefined || bind !== undefined || first === undefined) return [];
  const isMounted = own.every(
    ({ command: { go } }) => go?.goModCache.path === path && go.goModCache.mount !== undefined,
  );
  const isFilled = earlier.some(({ compile: other }) => {
    const isBare = other.command.go?.goModCache.mount === undefined && !isToolInstall(other.command);
    return isBare && run.stage.chain.includes(other.run.stage);
  });
  if (!isMounted || isFilled || isToolInstall(command) || build.module?.mod.requires.length === 0) return [];
  if (downloads.some(({ command: { go } }) => go?.subcommand.endsWith('vendor'))) return [];
  return [
    {
      file: build.file,
      range: command.file === build.file && !run.isTrigger ? command.range : run.node.keywordRange,
      message: `${commandName(command)} has no mount on \`${path}\` and finds none of the modules that ${commandName(first.command)} put into one`,
      cost: 'all modules are downloaded again into the layer of the compile',
    },
  ];
}

function checkStep(build: ImageBuild, step: StepFacts, cache: MountedCache): readonly Problem[] {
  if (step.kind === 'copy' || step.kind === 'add') return checkCopy(build, step, cache);
  if (step.kind !== 'run') return [];
  const bind = step.mounts.find(
    ({ fromStage, values }) => fromStage?.chain.includes(cache.stage) && isInCache(values.source, cache),
  );
  if (bind?.type === 'bind' && bind.fromStage !== undefined) {
    if (isFilledWithoutMount(chainSteps(bind.fromStage), cache)) return [];
    return [toProblem(build, cache, { range: step.isTrigger ? step.range : bind.range, words: bind.values.source })];
  }
  return checkRun(build, step, cache);
}

function checkCopy(build: ImageBuild, step: CopyStep, cache: MountedCache): readonly Problem[] {
  const { fromStage } = step;
  const source = step.sources.find(({ value }) => isInCache(value, cache));
  if (fromStage?.chain.includes(cache.stage) !== true || source === undefined) return [];
  if (isFilledWithoutMount(chainSteps(fromStage), cache)) return [];
  return [toProblem(build, cache, { range: source.range ?? step.range, words: source.value })];
}

function checkRun(build: ImageBuild, step: RunStep, cache: MountedCache): readonly Problem[] {
  const isMounted = step.mounts.some(({ target }) => target !== undefined && isWithin(cache.path, target));
  const isLater = step.stage.chain.includes(cache.stage) && build.runs.indexOf(step) > build.runs.indexOf(cache.run);
  if (isMounted || !isLater) return [];
  const steps = chainSteps(step.stage);
  if (isFilledWithoutMount(steps.slice(0, steps.indexOf(step)), cache)) return [];
  for (const command of step.commands) {
    if (fillsCache(command) || command.isOpaque) return [];
    const word = readWord(command, cache);
    if (word === undefined) continue;
    const range = command.file === build.file && !step.isTrigger ? word.range : step.node.keywordRange;
    return [toProblem(build, cache, { range, words: word.value ?? word.text })];
  }
  return [];
}

interface Reading {
  readonly range: Range;
  readonly words: string;
}

function toProblem(build: ImageBuild, { path, command }: MountedCache, { range, words }: Reading): Problem {
  return {
    file: build.file,
    range,
    message: `\`${words}\` is empty here, as ${commandName(command)} fills \`${path}\` in a cache mount that only its own RUN sees`,
    cost: 'the step fails, or takes an empty directory',
  };
}
