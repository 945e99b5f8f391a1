import type { FileTree } from '../../core/file-tree.ts';
import { evaluateBuild } from '../../dockerfile/evaluate-build.ts';
import type { DockerfileTree } from '../../dockerfile/tree.ts';
import type { BuildInvocation } from '../../definitions/types.ts';
import type { ImageBuild } from './image-build.ts';
import { readBuildContext } from './read-build-context.ts';
import { findModule } from './find-module.ts';
import { readModuleFlows } from './read-module-flow.ts';
import { readStages } from './read-stages.ts';
import { readSteps } from './read-steps.ts';
import type { RepositoryFacts } from './repository.ts';

export interface BuildReading {
  readonly files: FileTree;
  readonly file: string;
  readonly text: string;
  readonly tree: DockerfileTree;
  readonly target: string | undefined;
  readonly targetOrigin: ImageBuild['targetOrigin'];
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly definitions: readonly BuildInvocation[];
  readonly hasFiles: boolean;
  /** As the command line says. */
  readonly context: string | undefined;
  readonly repository: RepositoryFacts;
}

/** The facts of one Dockerfile for one target. Throws LocatedError for what BuildKit refuses, TARGET_UNKNOWN. */
export function readImageBuild(reading: BuildReading): ImageBuild | undefined {
  const { file, text, tree, definitions, files, hasFiles, buildArgs } = reading;
  const target = reading.target === undefined ? {} : { target: reading.target };
  const build = evaluateBuild(tree, { fileName: file, buildArgs: {}, isLenient: true, ...target }, buildArgs);
  const stages = readStages(build);
  const final = stages.get(build.target);
  if (final === undefined) return undefined;
  const directory = reading.context ?? definitions.find((definition) => definition.context !== undefined)?.context;
  const context = readBuildContext({ files, file, dockerfile: tree, directory, hasFiles });
  const steps = readSteps({ build, stages, file, text, context, files });
  const runs = steps.filter((step) => step.kind === 'run');
  const module = context.hasFiles ? findModule(reading.repository.go, context, steps) : undefined;
  return {
    file,
    text,
    tree,
    target: final,
    targetOrigin: reading.targetOrigin,
    stages: [...stages.values()],
    steps,
    runs,
    flows: readModuleFlows(runs, module, context),
    context,
    module,
    definitions,
    repository: reading.repository,
  };
}
