import { registryAddress } from './address.ts';
import { readCredential, type Credential, type CredentialSources } from './credentials.ts';
import type { HttpFetch } from './http-fetch.ts';
import type { Repository } from './repository.ts';
import type { RequestCounters } from './request.ts';
import { createTransport } from './transport.ts';
import type { Clock } from '../core/clock.ts';

export interface RepositoryOptions extends CredentialSources {
  readonly host: string;
  readonly repository: string;
  /** Plain http: `true`, `false`, or undefined for loopback names only. */
  readonly isInsecure?: boolean;
  readonly fetch: HttpFetch;
  readonly clock: Clock;
  readonly counters: RequestCounters;
}

/** A repository ready for the calls. Nothing is sent yet, and credentials are looked up when a server asks for them. */
export function openRepository(options: RepositoryOptions): Repository {
  const address = registryAddress(options.host, options.isInsecure);
  const { repository: name, fetch, clock, counters } = options;
  let found: Promise<Credential | undefined> | undefined;
  const send = createTransport({
    address,
    repository: name,
    fetch,
    clock,
    counters,
    readCredential: (signal) => {
      // A look-up that was aborted must not be remembered as its result.
      found ??= readCredential(address, name, { ...options, ...(signal && { signal }) }).catch((error: unknown) => {
        found = undefined;
        throw error;
      });
      return found;
    },
  });
  return { address, name, send, clock };
}
