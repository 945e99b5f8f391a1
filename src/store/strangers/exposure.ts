import { errorMessage, isSlipwayError } from '../../core/errors.ts';
import type { HttpFetch } from '../../oci/http-fetch.ts';
import type { CountsAsPublic } from '../../oci/public-host.ts';
import type { Exposure, PublicReading } from '../port.ts';

/** What was answered to a stranger, and the clause that says so. */
export type StrangersAnswer = Pick<Exposure, 'readable' | 'seenBy'>;

/** The way of somebody who has no login: it ends before a host that only machines near us can reach. */
export interface StrangersWay {
  readonly fetch: HttpFetch;
  /** The first host that nothing was sent to. */
  nearHost(): string | undefined;
}

export function strangersWay(fetch: HttpFetch, countsAsPublic: CountsAsPublic): StrangersWay {
  let near: string | undefined;
  return {
    nearHost: () => near,
    fetch: async (url, request) => {
      if (await countsAsPublic(url.hostname, request.signal)) return fetch(url, request);
      near ??= url.hostname;
      throw new Error(`strangers can't reach ${url.hostname}`);
    },
  };
}

/** What `ask` found, as an answer whatever happened: only an abort is thrown. */
export async function exposureOf(
  store: string,
  way: StrangersWay,
  ask: () => Promise<StrangersAnswer>,
  signal: AbortSignal | undefined,
): Promise<Exposure> {
  try {
    return { store, ...(await ask()) };
  } catch (error) {
    signal?.throwIfAborted();
    const near = way.nearHost();
    if (near !== undefined) return { store, readable: 'no', seenBy: `${near} is no host that strangers can reach` };
    const isNo = isSlipwayError(error, 'STORE_UNAUTHENTICATED') || isSlipwayError(error, 'STORE_DENIED');
    return { store, readable: isNo ? 'no' : 'unknown', seenBy: errorMessage(error) };
  }
}

/** The power of a store that strangers have no way to. `why`: a clause. */
export function closedToStrangers(store: string, why: string): PublicReading {
  return { readableByStrangers: async () => ({ store, readable: 'no', seenBy: why }) };
}
