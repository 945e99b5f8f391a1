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
export type { BuildReport, RestoreReport, SaveReport, ScopeChain, WarmContext, WarmOptions } from './warm/types.ts';
