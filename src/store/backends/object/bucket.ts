import type { Digest } from '../../../core/digest.ts';
import type { BlobLocation, BlobStream, ReadBlobOptions, ReadOptions } from '../../port.ts';

/**
 * What a service for objects (S3, GCS) must do for `openObjectStore` to make a store of it. Keys are relative to the
 * prefix that the user named. Something missing is a value, as in `Store`; errors are `SlipwayError`s as there, and
 * aborting the signal ends every call soon with the signal's reason.
 */
export interface Bucket {
  /** As a person would name it: `s3://bucket/prefix`. Never with credentials. */
  readonly description: string;

  /** Undefined when there is no such object; a bucket that doesn't exist is an error. */
  find(key: string, options?: ReadOptions): Promise<ObjectFacts | undefined>;
  /** A start past the end gives an empty body; a service that can't seek starts at 0 and says so. */
  open(key: string, options?: ReadBlobOptions): Promise<BlobStream | undefined>;
  /** Where others can GET an object, as `BlobLocator` has it; whether there is one is not looked at. */
  locate?(key: string, options?: ReadOptions): Promise<BlobLocation | undefined>;
  /**
   * Writes a whole object: it is visible only when all of it has arrived and `body` has ended without an error. With
   * `onlyIfAbsent` one that exists stays, and the outcome is `exists`: only where `isConditional` said so.
   */
  write(key: string, body: ObjectBody, options: WriteObjectOptions): Promise<'written' | 'exists'>;
  /** Every object whose key begins with the prefix, page by page, in any order. */
  list(prefix: string, options?: ReadOptions): AsyncIterable<ObjectFacts>;
  /** The parts of keys between the prefix and the next `/`, each once. */
  listFolders(prefix: string, options?: ReadOptions): AsyncIterable<string>;
  /** Removing what is not there is a success. */
  remove(key: string, options?: ReadOptions): Promise<void>;
  /** Removes unfinished uploads that are older than this; returns how many. */
  removeStaleUploads(olderThanMs: number, options?: ReadOptions): Promise<number>;
  /** Does this service really keep `onlyIfAbsent`? Asked once for each store, when the first snapshot is written. */
  isConditional(options?: ReadOptions): Promise<boolean>;
}

export interface ObjectFacts {
  readonly key: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch by the service's clock. */
  readonly writtenAtMs: number;
}

export interface ObjectBody {
  readonly sizeBytes: number;
  readonly mediaType: string;
  /** Where it is known before: a service that can check it refuses other bytes. */
  readonly digest?: Digest;
  /** Called again for each attempt. */
  open(): AsyncIterable<Uint8Array>;
}

export interface WriteObjectOptions extends ReadOptions {
  readonly onlyIfAbsent: boolean;
}
