import type { Digest } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import { beginsAt, discard, isTaken, readBody } from './answer.ts';
import { apiUrl, refusal, type CallOptions, type Repository } from './repository.ts';
import type { RequestBody } from './request.ts';

const READ = ['pull'] as const;
const WRITE = ['pull', 'push'] as const;

export interface FoundBlob {
  /** As the registry says, which may be wrong; undefined when it says nothing. */
  readonly sizeBytes: number | undefined;
}

export async function findBlob(
  repository: Repository,
  digest: Digest,
  options: CallOptions = {},
): Promise<FoundBlob | undefined> {
  const url = apiUrl(repository, `blobs/${digest}`);
  const response = await repository.send({ method: 'HEAD', url, actions: READ, ...options });
  await discard(response);
  const length = response.headers.get('content-length');
  if (response.status === 200) return { sizeBytes: length === null ? undefined : Number(length) };
  if (response.status === 404) return undefined;
  throw await refusal(repository, response, `say whether it has the blob ${digest}`, 'pull');
}

export interface OpenedBlob {
  /** The first byte `body` holds: servers may answer a range with the whole. */
  readonly offset: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Opens a blob, from `offset` on when the server knows ranges. A start past the end gives an empty body. */
export async function openBlob(
  repository: Repository,
  digest: Digest,
  options: CallOptions & { readonly offset?: number } = {},
): Promise<OpenedBlob | undefined> {
  const { offset = 0, signal } = options;
  const response = await repository.send({
    method: 'GET',
    url: apiUrl(repository, `blobs/${digest}`),
    actions: READ,
    ...(offset > 0 && { headers: { range: `bytes=${offset}-` } }),
    ...(signal && { signal }),
  });
  switch (response.status) {
    case 200:
      return { offset: 0, body: readBody(response, signal) };
    case 206:
      return { offset: await rangeStart(response, offset), body: readBody(response, signal) };
    case 404:
      await discard(response);
      return undefined;
    case 416:
      await discard(response);
      return { offset, body: (async function* () {})() };
    default:
      throw await refusal(repository, response, `read the blob ${digest}`, 'pull');
  }
}

async function rangeStart(response: Response, wanted: number): Promise<number> {
  if (beginsAt(response, wanted)) return wanted;
  await discard(response);
  throw new SlipwayError(
    'STORE_FAILED',
    `\`${new URL(response.url).host}\` answered with another range than asked for`,
  );
}

/** POST, then one PUT with the whole: every registry knows it. The server checks the digest and keeps nothing else. */
export async function uploadBlob(
  repository: Repository,
  digest: Digest,
  body: RequestBody,
  options: CallOptions = {},
): Promise<void> {
  const started = await startUpload(repository, undefined, options);
  if (started === 'mounted') return;
  started.searchParams.set('digest', digest);
  const response = await repository.send({
    method: 'PUT',
    url: started,
    actions: WRITE,
    headers: { 'content-type': 'application/octet-stream' },
    body,
    ...options,
  });
  if (!isTaken(response)) throw await refusal(repository, response, `take the blob ${digest}`, 'push');
  await discard(response);
}

/** Asks for a blob that another repository of the registry has; false when the server would rather have it sent. */
export async function mountBlob(
  repository: Repository,
  digest: Digest,
  fromRepository: string,
  options: CallOptions = {},
): Promise<boolean> {
  const started = await startUpload(repository, { mount: digest, from: fromRepository }, options);
  if (started === 'mounted') return true;
  // The session that was opened instead is not wanted.
  await closeUpload(repository, started, options);
  return false;
}

/** Begins an upload and takes it back: rejects as an upload would, and nothing is stored. */
export async function tryUpload(repository: Repository, options: CallOptions = {}): Promise<void> {
  const started = await startUpload(repository, undefined, options);
  if (started !== 'mounted') await closeUpload(repository, started, options);
}

/** A server that can't close a session forgets it in time. */
async function closeUpload(repository: Repository, session: URL, options: CallOptions): Promise<void> {
  const response = await repository.send({ method: 'DELETE', url: session, actions: WRITE, ...options });
  await discard(response);
}

async function startUpload(
  repository: Repository,
  query: Readonly<Record<string, string>> | undefined,
  options: CallOptions,
): Promise<URL | 'mounted'> {
  const url = apiUrl(repository, 'blobs/uploads/');
  for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
  const response = await repository.send({
    method: 'POST',
    url,
    actions: WRITE,
    headers: { 'content-type': 'application/octet-stream' },
    body: { sizeBytes: 0, async *open() {} },
    ...options,
  });
  if (response.status === 201 && query) {
    await discard(response);
    return 'mounted';
  }
  if (response.status !== 202) throw await refusal(repository, response, 'start an upload', 'push');
  await discard(response);
  return uploadLocation(response);
}

/** The Location may be relative or absolute, with a query of its own that must be kept. */
function uploadLocation(response: Response): URL {
  const base = new URL(response.url);
  const location = response.headers.get('location') ?? '';
  if (location === '' || !URL.canParse(location, base.href)) {
    throw new SlipwayError('STORE_FAILED', `\`${base.host}\` started an upload without saying where`);
  }
  const url = new URL(location, base);
  // Registries behind a TLS proxy often believe they speak http; a downgrade would show the token to everybody.
  if (base.protocol === 'https:' && url.protocol === 'http:' && url.hostname === base.hostname) url.protocol = 'https:';
  if (url.protocol !== base.protocol && url.protocol !== 'https:') {
    throw new SlipwayError('STORE_FAILED', `\`${base.host}\` wants an upload sent to \`${url.protocol}\``);
  }
  return url;
}

/** Removing what isn't there is a success. */
export async function deleteBlob(repository: Repository, digest: Digest, options: CallOptions = {}): Promise<void> {
  const url = apiUrl(repository, `blobs/${digest}`);
  const response = await repository.send({ method: 'DELETE', url, actions: ['pull', 'delete'], ...options });
  if (!response.ok && response.status !== 404) {
    throw await refusal(repository, response, `delete the blob ${digest}`, 'delete');
  }
  await discard(response);
}
