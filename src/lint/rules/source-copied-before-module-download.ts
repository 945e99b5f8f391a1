import { addMount } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { hasVendor } from '../facts/read-module-flow.ts';
import type { ModuleFlow } from '../facts/module-flow.ts';
import type { CopySource, RunStep, StepFacts } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { mountFor } from '../reading/go-mounts.ts';
import { mayRunGoLater } from '../reading/image-use.ts';
import { ownerOptions } from '../reading/root-mounts.ts';
import { findSourceCode } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const sourceCopiedBeforeModuleDownload: BuildRule = {
  id: 'source-copied-before-module-download',
  number: 15,
  subject: 'build',
  group: 'layers',
  severity: 'high',
  fix: 'safe',
  summary: 'sources are copied before the modules are downloaded',
  check: (build) =>
    build.flows.flatMap((flow, index) => (isFirstOfStage(build, flow, index) ? checkFlow(build, flow) : [])),
};

/** Later compiles of a stage find the modules that the first one left in the layer. */
function isFirstOfStage(build: ImageBuild, flow: ModuleFlow, index: number): boolean {
  return !build.flows.slice(0, index).some((other) => other.strategy !== 'mount' && isBehind(flow, other));
}

function isBehind({ compile }: ModuleFlow, first: ModuleFlow): boolean {
  return compile.run.stage.chain.includes(first.compile.run.stage);
}

function checkFlow(build: ImageBuild, flow: ModuleFlow): readonly Problem[] {
  if (flow.strategy !== 'layer' && flow.strategy !== 'none') return [];
  if (build.module !== undefined && (build.module.mod.requires.length === 0 || hasVendor(build.module, build.context)))
    return [];
  const first = (flow.downloads[0] ?? flow.compile).run;
  const found = firstSource(first);
  if (found === undefined) return [];
  const { step, source } = found;
  return [
    {
      file: build.file,
      range: source.range ?? step.range,
      message: `\`${source.text}\` brings sources before ${commandName((flow.downloads[0] ?? flow.compile).command)}, so an edit of any of them downloads all modules again`,
      cost: 'a full module download after every edit',
      fix: fixOf(build, flow),
    },
  ];
}

interface FoundSource {
  readonly step: StepFacts;
  readonly source: CopySource;
}

/** The first step before a download, in its stage or the stages below, that brings more than manifests. */
function firstSource(first: RunStep): FoundSource | undefined {
  for (const step of stepsBefore(first)) {
    if (step.kind !== 'copy' && step.kind !== 'add') continue;
    const source = findSourceCode(step);
    if (source !== undefined) return { step, source };
  }
  return undefined;
}

/** Both mounts on each RUN of the flow, and of those behind it, which find no modules in the layer then: no new steps. */
function fixOf(build: ImageBuild, flow: ModuleFlow): Fix | undefined {
  const flows = build.flows.filter(
    (each) => each === flow || (each.strategy === flow.strategy && isBehind(each, flow)),
  );
  const edits: Edit[] = [];
  let isCertain = true;
  for (const { run, command } of new Set(flows.flatMap(({ compile, downloads }) => [compile, ...downloads]))) {
    const owner = ownerOptions(run);
    if (run.isTrigger || owner === undefined) return undefined;
    isCertain &&= owner.isCertain;
    const kinds = command.go?.kind === 'compile' ? (['gocache', 'gomodcache'] as const) : (['gomodcache'] as const);
    for (const kind of kinds) {
      const use = kind === 'gocache' ? command.go?.goCache : command.go?.goModCache;
      if (use?.mount !== undefined) continue;
      const mount = mountFor(build, command, kind);
      if (mount === undefined) return undefined;
      edits.push(addMount(build, run, `${mount}${mount.includes('uid=') ? '' : owner.options}`));
    }
  }
  return {
    isSafe: isCertain && !flows.some((each) => isNeededLater(build, each)),
    title: 'Add cache mounts for GOCACHE and GOMODCACHE',
    edits,
  };
}

/** A step behind the flow, or a container of the image, reads what would then lie in the mounts. */
function isNeededLater(build: ImageBuild, { compile, downloads }: ModuleFlow): boolean {
  return [compile, ...downloads].some(({ run, command }) => {
    const paths = [command.go?.goCache.path, command.go?.goModCache.path];
    return (
      mayRunGoLater(build, run.stage) || paths.some((path) => path !== undefined && readsDirectory(build, run, path))
    );
  });
}
