import { redact } from './redact.ts';

/**
 * Every way slipway can fail, by code. The exit code belongs to the code, not to the call site:
 * 1 = the build itself failed or there are findings, 2 = usage, configuration or input that BuildKit would refuse too,
 * 3 = slipway's own operation failed.
 */
export const EXIT_CODES = {
  USAGE: 2,
  CONFIG_INVALID: 2,
  DOCKERFILE_MISSING: 2,
  DOCKERFILE_INVALID: 2,
  INPUT_INVALID: 2,
  TARGET_UNKNOWN: 2,
  FLAG_UNSUPPORTED: 2,
  STORE_SPEC_INVALID: 2,
  ENGINE_MISSING: 3,
  ENGINE_TOO_OLD: 3,
  ENGINE_FAILED: 3,
  IMAGE_UNAVAILABLE: 3,
  BUILD_FAILED: 1,
  STORE_UNREACHABLE: 3,
  STORE_UNAUTHENTICATED: 3,
  STORE_DENIED: 3,
  /** By the service's own rules for this run, as with a read-only token: told, but no fault of the cache. */
  STORE_REFUSED: 3,
  /** Strangers can read the store, and the code is private: nothing is written there. */
  STORE_PUBLIC: 3,
  STORE_RATE_LIMITED: 3,
  STORE_FAILED: 3,
  BLOB_MISSING: 3,
  BLOB_CORRUPT: 3,
  PACK_INVALID: 3,
  SNAPSHOT_INVALID: 3,
  FORMAT_UNKNOWN: 3,
  /** Of the Go on this machine: there is none, or none that can be filled. */
  GO_CACHE_UNUSABLE: 3,
  MOUNT_HOSTILE: 3,
  MOUNT_EMPTY: 3,
  INJECT_FAILED: 3,
  EXTRACT_FAILED: 3,
  /** Nothing was proven, neither that the cache is honest nor that it isn't. */
  AUDIT_IMPOSSIBLE: 3,
  /** Under `--strict-cache`: which builds a command starts, or what they mount, can't be told. */
  COMMAND_UNREAD: 3,
  DISK_FULL: 3,
  TIMEOUT: 3,
  INTERRUPTED: 130,
  INTERNAL: 3,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

export interface ErrorOptions {
  /** What to do or write instead, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** May the same call succeed when it is simply made again? */
  readonly retryable?: boolean;
  /** Seconds the other side asked us to wait, from `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** `path:line` the error points at. */
  readonly location?: string;
}

/** The one error class. Message, hint and location are redacted when it is made, so that no later printer can leak. */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly location: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(redact(message), { cause: options.cause });
    this.name = 'SlipwayError';
    this.code = code;
    this.hint = options.hint === undefined ? undefined : redact(options.hint);
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.location = options.location;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

export function isSlipwayError(error: unknown, code?: ErrorCode): error is SlipwayError {
  return error instanceof SlipwayError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown, redacted. */
export function errorMessage(error: unknown): string {
  return error instanceof SlipwayError ? error.message : redact(error instanceof Error ? error.message : String(error));
}
