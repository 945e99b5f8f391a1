import { registryAddress } from './address.ts';
import { readCredential, type Credential, type CredentialSources } from './credentials.ts';
import type { HttpFetch } from './http-fetch.ts';
import type { Repository } from './repository.ts';
import type { RequestCounters } from './request.ts';
import { createTransport, type TransportOptions } from './transport.ts';
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
  let found: Promise<Credential | undefined> | undefined;
  return assemble(options, (signal) => {
    // A look-up that was aborted must not be remembered as its result.
    const look = { ...options, ...(signal && { signal }) };
    found ??= readCredential(address, options.repository, look).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  });
}

/** The same as it is for somebody without a login. */
export function openAnonymousRepository(options: AnonymousOptions): Repository {
  return assemble(options, async () => undefined);
}

type AnonymousOptions = Omit<RepositoryOptions, keyof CredentialSources>;

function assemble(options: AnonymousOptions, read: TransportOptions['readCredential']): Repository {
  const { host, isInsecure, repository: name, fetch, clock, counters } = options;
  const address = registryAddress(host, isInsecure);
  const transport = createTransport({ address, repository: name, fetch, clock, counters, readCredential: read });
  return { address, name, clock, ...transport };
}
