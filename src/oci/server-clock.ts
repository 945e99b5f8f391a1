import { SlipwayError } from '../core/errors.ts';
import { discard } from './answer.ts';
import type { CallOptions, Repository } from './repository.ts';

/** What time it is for the registry, in milliseconds since the epoch, to the second: the `Date` of any answer. */
export async function readServerClock(repository: Repository, options: CallOptions = {}): Promise<number> {
  const url = new URL('/v2/', repository.address.origin);
  const response = await repository.send({ method: 'GET', url, actions: ['pull'], ...options });
  await discard(response);
  const time = Date.parse(response.headers.get('date') ?? '');
  if (Number.isFinite(time)) return time;
  throw new SlipwayError('STORE_FAILED', `\`${url.host}\` doesn't say what time it is`);
}
