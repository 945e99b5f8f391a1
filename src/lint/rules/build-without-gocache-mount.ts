import { addMount } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { ModuleFlow } from '../facts/module-flow.ts';
import type { RunStep } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { mountFor } from '../reading/go-mounts.ts';
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
  return [
    {
      file: build.file,
      range: (command.file === build.file ? command.range : undefined) ?? run.node.keywordRange,
      message: `${commandName(command)} writes GOCACHE into a layer that the next edit throws away, as no cache mount covers it${what}`,
      cost: 'every package is compiled again after any change above this line',
      fix: fixOf(build, run, command),
    },
  ];
}

function fixOf(build: ImageBuild, run: RunStep, command: CommandFacts): Fix | undefined {
  const goCache = mountFor(build, command, 'gocache');
  const path = command.go?.goCache.path;
  if (goCache === undefined || path === undefined || run.isTrigger) return undefined;
  if (!isRoot(run) && !goCache.includes('uid=')) return undefined;
  const edits: Edit[] = [addMount(build, run, goCache)];
  const flow = build.flows.find(({ compile }) => compile.command === command);
  const goModCache = flow?.strategy === 'none' ? mountFor(build, command, 'gomodcache') : undefined;
  if (goModCache !== undefined) edits.push(addMount(build, run, goModCache));
  return {
    isSafe: !isNeededLater(build, run, command) && !isWarmedEarlier(build, run, path),
    title: goModCache === undefined ? 'Add a cache mount for GOCACHE' : 'Add cache mounts for GOCACHE and GOMODCACHE',
    edits,
  };
}

function isRoot({ before }: RunStep): boolean {
  return before.user === undefined || /^(?:root|0)?(?::|$)/.test(before.user);
}

/** Something behind the RUN reads a cache directory: it would be empty there. */
function isNeededLater(build: ImageBuild, run: RunStep, { go }: CommandFacts): boolean {
  return [go?.goCache.path, go?.goModCache.path].some((path) => path !== undefined && readsDirectory(build, run, path));
}

/** An earlier RUN filled the same directory in a layer, which the mount would hide. */
function isWarmedEarlier(build: ImageBuild, run: RunStep, path: string): boolean {
  const isEarlier = (flow: ModuleFlow): boolean =>
    flow.compile.run !== run && run.stage.chain.includes(flow.compile.run.stage);
  return build.flows.filter(isEarlier).some(({ compile }) => {
    const { goCache } = compile.command.go ?? {};
    return (
      goCache?.path === path && goCache.mount === undefined && build.runs.indexOf(compile.run) < build.runs.indexOf(run)
    );
  });
}
