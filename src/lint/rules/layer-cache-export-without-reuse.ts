import type { BuildInvocation } from '../../definitions/types.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import type { StepFacts } from '../facts/step.ts';
import { oneLine } from '../reading/one-line.ts';
import { buildOf, compilesGo, isInJob } from '../reading/workflow-builds.ts';
import type { Problem, RepositoryRule } from '../types.ts';

export const layerCacheExportWithoutReuse: RepositoryRule = {
  id: 'layer-cache-export-without-reuse',
  number: 43,
  subject: 'repository',
  group: 'workflow',
  severity: 'info',
  fix: 'none',
  summary: 'all layers are exported, and each commit makes all of them new',
  check: (repository) => repository.definitions.flatMap((invocation) => checkInvocation(repository, invocation)),
};

function checkInvocation(repository: RepositoryFacts, invocation: BuildInvocation): readonly Problem[] {
  const entries = invocation.cacheTo.filter(({ mode }) => mode === 'max');
  if (entries.length === 0 || !isInJob(invocation)) return [];
  const build = buildOf(repository, invocation);
  if (!compilesGo(build) || hasReusableRun(build)) return [];
  const [{ compile } = { compile: undefined }] = build.flows;
  if (compile === undefined || !sources(build, compile.run.stage.chain).some(isWholeContext)) return [];
  return entries.map(({ setting }) => ({
    file: setting.file,
    range: setting.range,
    message: `\`${oneLine(setting.text)}\` exports the layer of \`${compile.command.text}\`, which is new in each commit as the whole context is copied before it, and no step above it is worth keeping`,
    cost: 'the upload of the compile layer in each run, never read again',
  }));
}

/** A RUN above the sources, in any stage: its layer is the same from commit to commit. */
function hasReusableRun(build: ImageBuild): boolean {
  return build.runs.some((run) => !sources(build, run.stage.chain).some((step) => isBefore(build, step, run)));
}

/** The steps of a chain of stages that bring files of the context. */
function sources(build: ImageBuild, chain: ImageBuild['target']['chain']): readonly StepFacts[] {
  return build.steps.filter((step) => chain.includes(step.stage) && isWholeContext(step));
}

function isWholeContext(step: StepFacts): boolean {
  return (step.kind === 'copy' || step.kind === 'add') && step.sources.some(({ meaning }) => meaning === 'context');
}

function isBefore(build: ImageBuild, step: StepFacts, run: StepFacts): boolean {
  return build.steps.indexOf(step) < build.steps.indexOf(run);
}
