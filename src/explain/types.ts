import type { MountKind } from '../core/mount-kind.ts';

/**
 * The files that a build is sent, by their path in the context, after the ignore file. The value stands for type, mode and
 * content: equal values, equal files.
 */
export type ContextFiles = ReadonlyMap<string, string>;

/**
 * What an ingredient is: `file` of the context, build `argument` (ARG), `variable` (ENV), base `image` or named context,
 * text of the `instruction`, `remote` source, the `output` of another stage that only a run can tell.
 */
export type IngredientKind = 'file' | 'argument' | 'variable' | 'image' | 'instruction' | 'remote' | 'output';

/** One thing that decides whether BuildKit takes a step from its cache. Steps with equal ingredients and parents are one. */
export interface Ingredient {
  readonly kind: IngredientKind;
  /** Path, name of a variable, name of a part of the instruction. */
  readonly subject: string;
  readonly value: string;
}

/** A step that BuildKit runs or finds in its cache: RUN, COPY, ADD, WORKDIR. */
export interface KeyedStep {
  /** `<stage index>.<number in the stage>`: the same step of two builds of one file has the same one. */
  readonly id: string;
  readonly stageIndex: number;
  /** As BuildKit shows it: the name of the stage, `stage-1` without one; '' for the only stage of a file. */
  readonly stageName: string;
  /** 1-based, and how many steps the stage has: BuildKit's `[build 2/5]`. */
  readonly number: number;
  readonly total: number;
  readonly keyword: string;
  readonly text: string;
  readonly line: number;
  readonly ingredients: readonly Ingredient[];
  /** The step above in the stage, or the last one of the stage it is built FROM. */
  readonly parent: string | undefined;
  /** Its key holds the parent's. Not so for COPY --link, which is put onto whatever is there. */
  readonly isOnParent: boolean;
  /** Digest of all that decides. */
  readonly key: string;
  readonly mounts: readonly StepMount[];
}

/** A cache mount of a RUN, for what the step finds in it. */
export interface StepMount {
  readonly target: string;
  readonly kind: MountKind | 'other';
}

export interface Cause {
  /**
   * `step`: a step that this one stands on re-runs; `new`: the build before had none like it. Of a build that is over:
   * `gone`: nothing changed, and the builder had no result; `unknown`: there is no build before to compare with.
   */
  readonly kind: IngredientKind | 'step' | 'new' | 'gone' | 'unknown';
  readonly subject: string;
  /** `changed`, `added`, `removed`, or what a variable was and is. */
  readonly detail: string;
  /** Of a step: where the chain of causes begins. */
  readonly step?: string;
}

export interface PredictedStep {
  readonly step: KeyedStep;
  readonly state: 'cached' | 're-run';
  /** Up to what is only seen in the build: what a stage that it copies from makes this time, what a server answers. */
  readonly isConditional: boolean;
  /** The first is the one to tell. Of a cached step: what could still change it. */
  readonly causes: readonly Cause[];
}

/** A step of a build that is over, or, without `seconds`, of one that is only predicted. */
export interface ExplainedStep {
  readonly step: KeyedStep;
  readonly state: 'cached' | 're-run' | 'failed' | 'not-run';
  readonly seconds: number | undefined;
  /** When it began, by the builder's clock. */
  readonly startedAtMs?: number | undefined;
  readonly isConditional: boolean;
  readonly causes: readonly Cause[];
}
