import { addMount } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { ModuleFlow } from '../facts/module-flow.ts';
import type { RunStep } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { mountFor } from '../reading/go-mounts.ts';
import { mayRunGoLater } from '../reading/image-use.ts';
import { ownerOptions } from '../reading/root-mounts.ts';
import { bringsSources } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const buildWithoutGocacheMount: BuildRule = {
  id: 'build-without-gocache-mount',
  number: 1,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'a RUN compiles Go without a cache mount over GOCACHE',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

/** One problem for each RUN, at its first compile. */
function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find(
    ({ go }) => go?.kind === 'compile' && go.goCache.mount === undefined && go.goCache.bind === undefined,
  );
  const { go } = command ?? {};
  if (command === undefined || go === undefined) return [];
  const what = go.goModCache.mount === undefined ? '' : ', though the modules have one';
  const isEdited = isBelowSources(run);
  return [
    {
      file: build.file,
      range: (command.file === build.file ? command.range : undefined) ?? run.node.keywordRange,
      message: `${commandName(command)} writes GOCACHE into a layer that the next ${isEdited ? 'edit' : 'change above it'} throws away, as no cache mount covers it${what}`,
      cost: isEdited
        ? 'every package is compiled again after any edit'
        : 'all of it is compiled again when the step runs again',
      // Tools that are installed above the sources stay in their layer for long.
      ...(isEdited ? {} : { severity: 'low' }),
      fix: fixOf(build, run, command),
    },
  ];
}

/** Sources of the project, or what may be: copied, bound, or fetched by git. */
function isBelowSources(run: RunStep): boolean {
  return [...stepsBefore(run), run].some((step) => {
    if (step.kind === 'run') return bringsSources(step) || step.commands.some(isClone);
    if (step.kind !== 'copy' && step.kind !== 'add') return false;
    const isUnknown = step.sources.some(
      ({ meaning, text }) => meaning === 'git' || (meaning === 'file' && text.includes('$')),
    );
    return bringsSources(step) || isUnknown;
  });
}

function isClone({ program, argv }: CommandFacts): boolean {
  return program === 'git' && argv.some((word) => word === 'clone' || word === 'checkout');
}

function fixOf(build: ImageBuild, run: RunStep, command: CommandFacts): Fix | undefined {
  const goCache = mountFor(build, command, 'gocache');
  const owner = ownerOptions(run);
  if (goCache === undefined || owner === undefined || run.isTrigger) return undefined;
  const own = (mount: string): Edit => addMount(build, run, `${mount}${mount.includes('uid=') ? '' : owner.options}`);
  const edits: Edit[] = [own(goCache)];
  const goModCache = needsModuleMount(build, command) ? mountFor(build, command, 'gomodcache') : undefined;
  if (goModCache !== undefined) edits.push(own(goModCache));
  return {
    isSafe: owner.isCertain && !isNeededLater(build, run, command) && !isWarmed(build, run, command),
    title: goModCache === undefined ? 'Add a cache mount for GOCACHE' : 'Add cache mounts for GOCACHE and GOMODCACHE',
    edits,
  };
}

/** Without a download in a layer, vendor/ or a module that needs none; also where all downloads have a mount that this one lacks. */
function needsModuleMount(build: ImageBuild, command: CommandFacts): boolean {
  const flow = build.flows.find(({ compile }) => compile.command === command);
  const isMixed = flow?.strategy === 'mixed' && command.go?.goModCache.mount === undefined;
  const isMounted = isMixed && flow.downloads.every((each) => each.command.go?.goModCache.mount !== undefined);
  return (flow?.strategy === 'none' || isMounted) && build.module?.mod.requires.length !== 0;
}

/** Something behind the RUN, or a container of the image, reads a cache directory: it would be empty there. */
function isNeededLater(build: ImageBuild, run: RunStep, { go }: CommandFacts): boolean {
  const paths = [go?.goCache.path, go?.goModCache.path];
  return (
    mayRunGoLater(build, run.stage) || paths.some((path) => path !== undefined && readsDirectory(build, run, path))
  );
}

/**
 * A layer above the sources was warmed on purpose for a compile below them, and this is one of the two: under mounts, a builder without
 * them would be colder than now.
 */
function isWarmed(build: ImageBuild, run: RunStep, { go }: CommandFacts): boolean {
  const isBelow = isBelowSources(run);
  const isOther = ({ compile }: ModuleFlow): boolean => {
    const { goCache } = compile.command.go ?? {};
    const isTool = compile.command.go?.packages.some(({ text }) => text.includes('@')) === true;
    const [first, second] = isBelow ? [compile.run, run] : [run, compile.run];
    const isInLine =
      first !== second && second.stage.chain.includes(first.stage) && first.range.start < second.range.start;
    return (
      isInLine &&
      !isTool &&
      goCache?.mount === undefined &&
      goCache?.path === go?.goCache.path &&
      isBelowSources(compile.run) !== isBelow
    );
  };
  const isTool = go?.packages.some(({ text }) => text.includes('@')) === true;
  return !isTool && build.flows.some(isOther);
}
