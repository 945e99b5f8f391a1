import { oneChunk } from '../core/one-chunk.ts';

/** What a token must allow; `delete` is distribution's word for removing manifests and blobs. */
export type RepositoryAction = 'pull' | 'push' | 'delete';

export interface RequestBody {
  readonly sizeBytes: number;
  /** Called again for each attempt. */
  open(): AsyncIterable<Uint8Array>;
}

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly actions: readonly RepositoryAction[];
  readonly signal?: AbortSignal;
}

export type Send = (request: RegistryRequest) => Promise<Response>;

/** What a request was let in with. */
export interface Authorization {
  readonly header: string;
  /** It may only read this repository, and not for long: somebody else may have it. Never so for a password. */
  readonly isLendable: boolean;
}

export interface Answered {
  readonly response: Response;
  /** Undefined when it was answered without. */
  readonly authorization: Authorization | undefined;
}

/** One answer as it is, a redirect too, to a request whose token was asked for its actions and for nothing more. */
export type SendExactly = (request: RegistryRequest) => Promise<Answered>;

/** What went over the wire: kept by the transport, read by the closing line and the benchmarks. */
export interface RequestCounters {
  requests: number;
  /** Bytes of all request bodies, retries included. */
  bodyBytesSent: number;
}

export function bytesBody(bytes: Uint8Array): RequestBody {
  return {
    sizeBytes: bytes.byteLength,
    open: () => oneChunk(bytes),
  };
}
