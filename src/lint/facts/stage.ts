import type { InstructionNode, Range } from '../../dockerfile/tree.ts';
import type { StepFacts } from './step.ts';

export interface StageFacts {
  readonly index: number;
  readonly name: string | undefined;
  /** After expansion: an image, `scratch` or a stage. */
  readonly baseName: string;
  /** The stage FROM names, if it is one. */
  readonly base: StageFacts | undefined;
  /** This stage, its base, its base's base …: the last one starts from an image. */
  readonly chain: readonly StageFacts[];
  /** The image at the root of the chain; undefined for scratch and named contexts. */
  readonly image: BaseImageFacts | undefined;
  readonly from: InstructionNode;
  readonly range: Range;
  /** The stage that the target names. */
  readonly isFinal: boolean;
  /** `--platform` as written: `$BUILDPLATFORM`. */
  readonly platform: string | undefined;
  readonly steps: readonly StepFacts[];
}

export interface BaseImageFacts {
  readonly reference: string;
  /** Last part of the name: `golang`, `debian`. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** The official golang image: GOPATH=/go, GOTOOLCHAIN=local, HOME=/root. */
  readonly isGolang: boolean;
  /** Go's release in a golang tag: `1.26`, `1.26.3`; undefined for `latest`, `alpine`. */
  readonly goVersion: string | undefined;
  /** A variable in the reference has no value here. */
  readonly isUnknown: boolean;
}
