/** The library door. Only what is named here is a promise; everything else may move. */
export { EXIT_CODES, type ErrorCode, type ErrorOptions, isSlipwayError, SlipwayError } from './core/errors.ts';
export type { EventSink, Phase, ProgressEvent, TransferEvent, VertexEvent } from './core/events.ts';
export type { Engine, HelperBuild, RunOptions, UserBuild, UserBuildResult } from './buildkit/types.ts';
export { createMemoryStore as openMemoryStore } from './store/backends/memory/memory-store.ts';
export type { Clock } from './core/clock.ts';
export type { Digest } from './core/digest.ts';
export type {
  BlobDescriptor,
  BlobSource,
  BlobStream,
  SnapshotName,
  Store,
  StoredBlob,
  StoreKeeper,
} from './store/port.ts';
export { build, planBuild, restore, save } from './library/builds.ts';
export { explainChange } from './library/explain-change.ts';
export { lintProject, lintText, type ProjectLint, type TextLint } from './library/lint.ts';
export { checkStore, gc } from './library/stores.ts';
export type {
  BuildInput,
  BuildOptions,
  CallOptions,
  ExplainChangeOptions,
  GcOptions,
  LintOptions,
  LintProjectOptions,
  LintTextOptions,
  MountOptions,
  StoreOptions,
} from './library/options.ts';
export type { DryRunPlan } from './session/dry-run-plan.ts';
export type { ExplainDocument, StepDocument } from './explain/document.ts';
export type { JsonFinding as LintFinding, LintDocument } from './lint/formats/lint-document.ts';
export type { WarmBuild } from './warm/build.ts';
export type { StoreCheck, StoreFault } from './warm/keep/check-store.ts';
export type { GarbageReport } from './warm/keep/collect-garbage.ts';
export type { BuildReport, RestoreReport, SaveReport, ScopeChain, WarmContext, WarmOptions } from './warm/types.ts';
