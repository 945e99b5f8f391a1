import type { InstructionNode, Range } from '../../dockerfile/tree.ts';
import type { StageState } from '../../dockerfile/stage-state.ts';
import type { CommandFacts } from './command.ts';
import type { MountFacts } from './mount.ts';
import type { StageFacts } from './stage.ts';

interface StepBase {
  readonly stage: StageFacts;
  /** Place among the steps of its stage. */
  readonly index: number;
  readonly node: InstructionNode;
  /** Of the instruction in the Dockerfile, without the line end behind it. */
  readonly range: Range;
  /** What is in force before it: `env` (ENV and ARG values), `workdir`, `user`, `goEnv`. */
  readonly before: StageState;
  /** Runs because the base stage says ONBUILD: `range` is that of FROM, and nothing can be edited. */
  readonly isTrigger: boolean;
}

export interface RunStep extends StepBase {
  readonly kind: 'run';
  readonly mounts: readonly MountFacts[];
  /** In order, those of followed make targets included. Empty when the script can't be read. */
  readonly commands: readonly CommandFacts[];
  readonly network: string | undefined;
}

export interface CopyStep extends StepBase {
  readonly kind: 'copy' | 'add';
  /** `--from` as written. */
  readonly from: string | undefined;
  /** The stage it copies from; undefined for the build context and for images. */
  readonly fromStage: StageFacts | undefined;
  readonly sources: readonly CopySource[];
  /** Absolute; undefined when unknown. */
  readonly destination: string | undefined;
}

/**
 * What a COPY source means.
 * `context`: the whole build context. `manifests`: only go.mod, go.sum, go.work, go.work.sum, vendor/modules.txt.
 * `directory`, `file`: of the context. `url`, `git`: ADD only. `heredoc`: written in the Dockerfile. `stage`: with `--from`.
 */
export type SourceMeaning = 'context' | 'manifests' | 'directory' | 'file' | 'url' | 'git' | 'heredoc' | 'stage';

export interface CopySource {
  /** Variables filled in. */
  readonly value: string;
  readonly text: string;
  readonly range: Range | undefined;
  readonly meaning: SourceMeaning;
  /** Paths of the repository that it takes from the context; undefined when they can't be known. */
  readonly files: readonly string[] | undefined;
}

export interface ArgStep extends StepBase {
  readonly kind: 'arg';
  /** Each with its value in force: a build definition's, the default, the automatic one. */
  readonly declares: readonly {
    readonly name: string;
    readonly default: string | undefined;
    readonly range: Range | undefined;
  }[];
}

export interface EnvStep extends StepBase {
  readonly kind: 'env';
  readonly declares: readonly { readonly name: string; readonly value: string; readonly range: Range | undefined }[];
}

export interface OtherStep extends StepBase {
  readonly kind: 'other';
}

export type StepFacts = RunStep | CopyStep | ArgStep | EnvStep | OtherStep;
