import type { Digest } from '../core/digest.ts';
import { discard } from './answer.ts';
import { apiUrl, refusal, type CallOptions, type Repository } from './repository.ts';
import { isRedirect, redirectTarget } from './redirect.ts';
import type { Authorization } from './request.ts';

/** Where somebody else can GET a blob, and with what. */
export interface LocatedBlob {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Where a blob is to be had without our login: where the registry redirects to, which is an address signed for this blob
 * with most services; or its own address, with a short-lived token that may only pull where it wants one. Undefined where
 * the blob isn't there, or is given to the login alone.
 *
 * A GET, since the signature is for one method; the specification says nothing of redirects, but registries are built so:
 * https://github.com/distribution/distribution/blob/ad1b7d8f355cd5df13c34e9497e2f7dc4f0d5a1a/registry/storage/blobserver.go#L37-L46
 */
export async function locateBlob(
  repository: Repository,
  digest: Digest,
  options: CallOptions = {},
): Promise<LocatedBlob | undefined> {
  const url = apiUrl(repository, `blobs/${digest}`);
  const { response, authorization } = await repository.sendExactly({
    method: 'GET',
    url,
    actions: ['pull'],
    // The whole isn't wanted, and a body that is cut off costs the connection.
    headers: { range: 'bytes=0-0' },
    ...options,
  });
  const { status, headers } = response;
  const location = isRedirect(status) ? headers.get('location') : null;
  // An empty blob has no first byte.
  const isThere = status === 200 || status === 206 || status === 416;
  if (location === null && !isThere && status !== 404) {
    throw await refusal(repository, response, `say where it has the blob ${digest}`, 'pull');
  }
  await discard(response);
  if (location !== null) return withoutPassword(redirectTarget(url, location));
  return isThere ? withAuthorization(url, authorization) : undefined;
}

function withoutPassword(url: URL): LocatedBlob | undefined {
  return url.username === '' && url.password === '' ? { url: url.href, headers: {} } : undefined;
}

function withAuthorization(url: URL, authorization: Authorization | undefined): LocatedBlob | undefined {
  if (authorization === undefined) return { url: url.href, headers: {} };
  return authorization.isLendable ? { url: url.href, headers: { Authorization: authorization.header } } : undefined;
}
