import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { ArgStep, RunStep } from '../facts/step.ts';
import { type ArgumentBlock, moveBlock, readArgumentBlock } from './argument-block.ts';
import { fetchOf, pureFetch } from './fetches.ts';
import { bringsSources } from './source-steps.ts';
import { chainSteps, stepsBefore } from './stage-steps.ts';
import type { Edit } from '../types.ts';

/** Arguments of a stage that are in force at steps which fetch something and use none of them. */
export interface EarlyArguments {
  /** The lines, and which of their names are meant. */
  readonly args: readonly ArgStep[];
  readonly names: readonly string[];
  /** The first fetch. */
  readonly fetch: { readonly run: RunStep; readonly command: CommandFacts };
  /** All it costs is a look at a warm mount. */
  readonly isMounted: boolean;
  readonly edit: Edit | undefined;
}

/**
 * Looks below each ARG line with a wanted name: RUNs that fetch, don't compile, and stand before the sources and before the first use. An
 * argument that has a value is part of the key of every RUN below it.
 * Source: dispatchArg, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L1677
 */
export function findEarlyArguments(
  build: ImageBuild,
  stage: StageFacts,
  isWanted: (name: string) => boolean,
): EarlyArguments | undefined {
  const args = stage.steps.filter(
    (step): step is ArgStep =>
      step.kind === 'arg' && !step.isTrigger && step.declares.some(({ name }) => isWanted(name)),
  );
  const hit = args.filter((arg) => fetchesBelow(build, arg, isWanted).length > 0);
  const [first] = hit;
  if (first === undefined) return undefined;
  const names = hit.flatMap(({ declares }) => declares.map(({ name }) => name)).filter(isWanted);
  const own = (name: string): boolean => names.includes(name);
  const fetches = fetchesBelow(build, first, own);
  const [fetch] = fetches;
  const last = fetches.at(-1);
  if (fetch === undefined || last === undefined) return undefined;
  const block = readArgumentBlock(stage.steps.slice(first.index), { build, isWanted: own });
  const isMounted = fetches.every(({ run }) => isCheap(run));
  return { args: hit, names, fetch, isMounted, edit: moveBlock(build, block, last.run) };
}

interface FoundFetch {
  readonly run: RunStep;
  readonly command: CommandFacts;
}

function fetchesBelow(build: ImageBuild, arg: ArgStep, isWanted: (name: string) => boolean): readonly FoundFetch[] {
  const found = new Map<RunStep, CommandFacts>();
  const own = new Set(arg.declares.map(({ name }) => name).filter(isWanted));
  for (const stage of build.stages) {
    if (!stage.chain.includes(arg.stage)) continue;
    const all = chainSteps(stage);
    const block: ArgumentBlock = readArgumentBlock(all.slice(all.indexOf(arg)), {
      build,
      isWanted: (name) => own.has(name),
    });
    for (const step of block.unaffected) {
      if (step.kind !== 'run' || step.isTrigger || bringsSources(step)) continue;
      const command = pureFetch(step);
      if (command !== undefined && !stepsBefore(step).some((each) => bringsSources(each))) found.set(step, command);
    }
  }
  return [...found].map(([run, command]) => ({ run, command }));
}

function isCheap({ commands }: RunStep): boolean {
  return commands.every((command) => {
    const fetch = fetchOf(command);
    return fetch === undefined || (fetch === 'modules' && command.go?.goModCache.mount !== undefined);
  });
}
