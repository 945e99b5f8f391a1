import type { DockerfileTree } from '../../dockerfile/tree.ts';
import type { BuildContextFacts } from './build-context.ts';
import type { BuildInvocation } from '../../definitions/types.ts';
import type { GoModule } from '../../golang/packages/types.ts';
import type { ModuleFlow } from './module-flow.ts';
import type { RepositoryFacts } from './repository.ts';
import type { StageFacts } from './stage.ts';
import type { RunStep, StepFacts } from './step.ts';

/** One Dockerfile built for one target: what most rules look at. */
export interface ImageBuild {
  /** Path of the Dockerfile. */
  readonly file: string;
  readonly text: string;
  readonly tree: DockerfileTree;
  readonly target: StageFacts;
  /** `default`: the last stage. `named`: by the command line or a build definition. `leaf`: a stage that nothing uses. */
  readonly targetOrigin: 'default' | 'named' | 'leaf';
  /** The stages that the target needs, in the order of the file. */
  readonly stages: readonly StageFacts[];
  /** All steps of these stages, in that order. */
  readonly steps: readonly StepFacts[];
  readonly runs: readonly RunStep[];
  readonly flows: readonly ModuleFlow[];
  readonly context: BuildContextFacts;
  /** The Go module in the build context; undefined when there is none or it can't be seen. */
  readonly module: GoModule | undefined;
  /** The definitions that build this Dockerfile for this target. */
  readonly definitions: readonly BuildInvocation[];
  readonly repository: RepositoryFacts;
}
