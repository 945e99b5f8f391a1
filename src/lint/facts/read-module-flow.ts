import type { BuildContextFacts } from './build-context.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { GoModule } from '../../golang/packages/types.ts';
import type { CommandInRun, ModuleFlow, ModuleStrategy } from './module-flow.ts';
import type { RunStep } from './step.ts';

/** A flow for each compile, with the downloads before it in its stage and the stages that one is built from. */
export function readModuleFlows(
  runs: readonly RunStep[],
  module: GoModule | undefined,
  context: BuildContextFacts,
): readonly ModuleFlow[] {
  const isVendored = hasVendor(module, context);
  const uses = runs.flatMap((run) => run.commands.map((command): CommandInRun => ({ run, command })));
  return uses.flatMap((compile, index) => {
    if (compile.command.go?.kind !== 'compile' || isOtherModule(compile)) return [];
    const downloads = uses
      .slice(0, index)
      .filter(({ run, command }) => command.go?.kind === 'download' && compile.run.stage.chain.includes(run.stage));
    return [{ compile, downloads, strategy: strategyOf(compile, downloads, isVendored) }];
  });
}

/** `go install example.com/tool@v1.2.3` has modules of its own. */
function isOtherModule({ command: { go } }: CommandInRun): boolean {
  return go?.packages.some(({ text }) => /^[^.\s].*@/.test(text)) === true;
}

function strategyOf(compile: CommandInRun, downloads: readonly CommandInRun[], isVendored: boolean): ModuleStrategy {
  const { go } = compile.command;
  if (go === undefined) return 'unknown';
  const mod = go.flags.find(({ name }) => name === 'mod')?.value;
  if (mod === 'vendor' || (isVendored && mod === undefined)) return 'vendored';
  const hasMount = go.goModCache.mount !== undefined;
  if (!hasMount && go.goModCache.bind !== undefined) return 'unknown';
  if (downloads.length === 0) {
    if (hasMount) return 'mount';
    return go.goModCache.path === undefined || isFilledByCopy(compile) ? 'unknown' : 'none';
  }
  // A later mount hides what an earlier layer holds, and the other way round.
  const isAlike = downloads.every(({ command }) => (command.go?.goModCache.mount !== undefined) === hasMount);
  if (!isAlike) return 'mixed';
  return hasMount ? 'mount' : 'layer';
}

/** Modules copied from another stage or image. */
function isFilledByCopy({ run, command }: CommandInRun): boolean {
  const path = command.go?.goModCache.path;
  return run.stage.chain.some(({ steps }) =>
    steps.some(
      (step) =>
        (step.kind === 'copy' || step.kind === 'add') &&
        step.from !== undefined &&
        step.destination !== undefined &&
        path !== undefined &&
        isWithin(path, step.destination),
    ),
  );
}

/** vendor/modules.txt reaches the build. */
export function hasVendor(module: GoModule | undefined, context: BuildContextFacts): boolean {
  if (module?.vendor === undefined) return false;
  const file = module.file.replace(/go\.mod$/, 'vendor/modules.txt');
  return !context.hasFiles || context.files.includes(file);
}
