import type { Clock } from '../core/clock.ts';
import type { RegistryAddress } from './address.ts';
import { failedAnswer } from './answer.ts';
import type { RepositoryAction, Send, SendExactly } from './request.ts';

/** One repository of one registry, and the way to it: what the calls in `blobs.ts`, `manifests.ts`, `tags.ts` take. */
export interface Repository {
  readonly address: RegistryAddress;
  readonly name: string;
  readonly send: Send;
  readonly sendExactly: SendExactly;
  readonly clock: Clock;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** `/v2/<name>/<rest>` of the registry. */
export function apiUrl(repository: Repository, rest: string): URL {
  return new URL(`/v2/${repository.name}/${rest}`, repository.address.origin);
}

export function refusal(
  repository: Repository,
  response: Response,
  what: string,
  permission: RepositoryAction,
): ReturnType<typeof failedAnswer> {
  return failedAnswer(response, { what, permission, nowMs: repository.clock.now() });
}
