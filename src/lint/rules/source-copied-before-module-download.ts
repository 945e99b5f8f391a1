import { addMount } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { hasVendor } from '../facts/read-module-flow.ts';
import type { ModuleFlow } from '../facts/module-flow.ts';
import type { CopySource, CopyStep, RunStep, StepFacts } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { mountFor } from '../reading/go-mounts.ts';
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

/** Later compiles of a stage find the modules that the first one left. */
function isFirstOfStage(build: ImageBuild, flow: ModuleFlow, index: number): boolean {
  return !build.flows.slice(0, index).some(({ compile }) => flow.compile.run.stage.chain.includes(compile.run.stage));
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
      range: source?.range ?? step.range,
      message: `\`${source?.text ?? 'the bind'}\` brings sources before ${commandName((flow.downloads[0] ?? flow.compile).command)}, so an edit of any of them downloads all modules again`,
      cost: 'a full module download after every edit',
      fix: fixOf(build, flow),
    },
  ];
}

interface FoundSource {
  readonly step: StepFacts;
  readonly source: CopySource | undefined;
}

/** The first step before a download, in its stage or the stages below, that brings more than manifests. */
function firstSource(first: RunStep): FoundSource | undefined {
  const before = first.stage.chain.toReversed().flatMap(({ steps }) => steps);
  const until = before.indexOf(first);
  for (const step of before.slice(0, until)) {
    if ((step.kind !== 'copy' && step.kind !== 'add') || step.from !== undefined) continue;
    const source = step.sources.find((each) => holdsSources(step, each));
    if (source !== undefined) return { step, source };
  }
  return undefined;
}

/** Go code of the project; a script or a certificate that a download needs is no source. */
function holdsSources(step: CopyStep, source: CopySource): boolean {
  if (source.meaning === 'context') return true;
  if (source.meaning !== 'directory' && source.meaning !== 'file') return false;
  if (step.sources.every(({ meaning }) => meaning === 'manifests')) return false;
  return source.files === undefined
    ? source.meaning === 'directory'
    : source.files.some((file) => file.endsWith('.go'));
}

/** Both mounts on each RUN of the flow: no new steps, and the order no longer matters. */
function fixOf(build: ImageBuild, flow: ModuleFlow): Fix | undefined {
  const edits: Edit[] = [];
  for (const { run, command } of [...flow.downloads, flow.compile]) {
    if (run.isTrigger) return undefined;
    const kinds = command.go?.kind === 'compile' ? (['gocache', 'gomodcache'] as const) : (['gomodcache'] as const);
    for (const kind of kinds) {
      const use = kind === 'gocache' ? command.go?.goCache : command.go?.goModCache;
      if (use?.mount !== undefined) continue;
      const mount = mountFor(build, command, kind);
      if (mount === undefined || (run.before.user !== undefined && !/^(?:root|0)?(?::|$)/.test(run.before.user)))
        return undefined;
      edits.push(addMount(build, run, mount));
    }
  }
  const { compile } = flow;
  const paths = [compile.command.go?.goCache.path, compile.command.go?.goModCache.path];
  const isRead = paths.some((path) => path !== undefined && readsDirectory(build, compile.run, path));
  return { isSafe: !isRead, title: 'Add cache mounts for GOCACHE and GOMODCACHE', edits };
}
