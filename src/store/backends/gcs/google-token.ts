import type { CountedFetch } from '../../../oci/counted-fetch.ts';

/** What authorises requests for a while. */
export interface GoogleToken {
  /** `authorization`, and `x-goog-user-project` where the credentials name who pays. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** Credentials that were found, and how they become a token. */
export interface TokenSource {
  /** For messages: `the service account ci@app.iam.gserviceaccount.com (/keys/ci.json)`. */
  readonly description: string;
  fetchToken(signal: AbortSignal): Promise<GoogleToken>;
}

/** The way to Google's token services. */
export interface TokenDependencies {
  readonly fetch: CountedFetch;
  readonly nowMs: () => number;
}

/** Objects and their listing, no more: not the buckets, not their permissions. */
export const STORAGE_SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
