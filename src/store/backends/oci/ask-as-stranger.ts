import { discard } from '../../../oci/answer.ts';
import { OCI_MANIFEST } from '../../../oci/manifests.ts';
import { apiUrl, type CallOptions, type Repository } from '../../../oci/repository.ts';
import type { HttpFetch } from '../../../oci/http-fetch.ts';
import type { StrangersAnswer } from '../../strangers/exposure.ts';

/** A repository as somebody sees it who has no login, at best a token that the registry gives to everybody. */
export interface StrangersRepository {
  readonly repository: Repository;
  readonly fetch: HttpFetch;
}

/**
 * Asks for the manifest of a tag, or for the list of tags, as `docker pull` without a login does. A repository that isn't
 * there yet is as open as its registry, which shows where `/v2/` needs no token; others decide by the repository.
 */
export async function askAsStranger(
  { repository, fetch }: StrangersRepository,
  tag: string | undefined,
  options: CallOptions,
): Promise<StrangersAnswer> {
  const what = tag === undefined ? 'tags/list?n=1' : `manifests/${tag}`;
  const url = apiUrl(repository, what);
  const accept = tag !== undefined && { headers: { accept: OCI_MANIFEST } };
  const response = await repository.send({ method: 'GET', url, actions: ['pull'], ...accept, ...options });
  await discard(response);
  const seenBy = `${what} without a login was answered with ${response.status}`;
  if (response.status === 401 || response.status === 403) return { readable: 'no', seenBy };
  if (response.status === 200) return { readable: isPage(response) ? 'unknown' : 'yes', seenBy };
  if (response.status !== 404) return { readable: 'unknown', seenBy };
  const top = await fetch(new URL('/v2/', repository.address.origin), {
    method: 'GET',
    headers: { 'user-agent': 'slipway' },
    ...options,
  });
  await discard(top);
  const isOpen = top.status === 200 && !isPage(top);
  return { readable: isOpen ? 'yes' : 'unknown', seenBy: `/v2/ without a login was answered with ${top.status}` };
}

/** A login page or a portal, which says 200 to everything. */
function isPage(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').includes('html');
}
