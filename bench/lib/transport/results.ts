import type { BenchMachine } from '../../../src/bench/results.ts';
import type { Remake } from './remake-image.ts';

/** 2100: a build takes such an entry for just used, and leaves its time alone. */
const FUTURE_SECONDS: number = Date.UTC(2100, 0) / 1000;

/** The image of each way to mount the packs: what of it differs from the snapshot that a save stores. */
export const IMAGES: Readonly<Record<ImageName, Remake>> = {
  'from-old': { seconds: 0, compression: 'zstd' },
  'from-young': { seconds: FUTURE_SECONDS, compression: 'gzip' },
  'from-young-zstd': { seconds: FUTURE_SECONDS, compression: 'zstd' },
};

export type ImageName = 'from-old' | 'from-young' | 'from-young-zstd';
/** `builder`: it fetches the build cache by itself. `injection`: this machine does. `injection-memory`: the client keeps its packs in memory, so that they are written once, as layers are. */
export type TransportName = 'builder' | 'injection' | 'injection-memory' | ImageName;

export const TRANSPORTS: readonly TransportName[] = [
  'builder',
  'injection',
  'injection-memory',
  'from-old',
  'from-young',
  'from-young-zstd',
];

/** One build on a fresh worker that has the base image. */
export interface TransportSample {
  readonly transport: TransportName;
  readonly modules: 'zips' | 'trees';
  /** What the worker's disk was limited to, in MB a second; 0: not at all. */
  readonly diskLimit: number;
  readonly repeat: number;
  /** Processes that wanted a core in the minute before: near 0 on a quiet machine. */
  readonly load: number;
  /** Until the build is done: restore and build, or the build that mounts. */
  readonly seconds: number;
  /** Of that, the step that compiles. */
  readonly compileSeconds: number;
  /** Until all that was written is on the disk, the save of an injection included. */
  readonly settledSeconds: number;
  readonly saveSeconds?: number;
  readonly downBytes: number;
  /** To the disk that worker and client share. */
  readonly writtenBytes: number;
  /** What the cache mounts hold beside the image they are from. */
  readonly mountBytes: number;
}

/** `bench/results/transport.json`. */
export interface TransportResults {
  readonly schemaVersion: 1;
  readonly commit: string;
  readonly startedAt: string;
  readonly machine: BenchMachine;
  readonly samples: readonly TransportSample[];
}
