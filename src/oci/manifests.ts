import { digestOf, isDigest, type Digest } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import { discard, isTaken, readCapped } from './answer.ts';
import { apiUrl, refusal, type CallOptions, type Repository } from './repository.ts';
import { bytesBody } from './request.ts';

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What every registry must take: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;

/**
 * Reads an image manifest by tag or digest. An answer that is something else (a login page, an index) or that isn't what
 * the registry itself says it is, is `SNAPSHOT_INVALID`: there, but of no use.
 */
export async function readManifest(
  repository: Repository,
  reference: string,
  options: CallOptions = {},
): Promise<Uint8Array | undefined> {
  const response = await repository.send({
    method: 'GET',
    url: apiUrl(repository, `manifests/${reference}`),
    actions: ['pull'],
    headers: { accept: OCI_MANIFEST },
    ...options,
  });
  if (response.status === 404) {
    await discard(response);
    return undefined;
  }
  if (response.status !== 200) throw await refusal(repository, response, `read the manifest ${reference}`, 'pull');
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (type !== OCI_MANIFEST) {
    await discard(response);
    throw new SlipwayError('SNAPSHOT_INVALID', `\`${reference}\` is \`${type.slice(0, 80)}\`, not an image manifest`);
  }
  const bytes = await readCapped(response, MAX_MANIFEST_BYTES);
  const said = isDigest(reference) ? reference : response.headers.get('docker-content-digest');
  if (said !== null && isDigest(said) && digestOf(bytes) !== said) {
    throw new SlipwayError('SNAPSHOT_INVALID', `the manifest \`${reference}\` is not what its digest says`);
  }
  return bytes;
}

/** The digest a tag points at; undefined when there is no such tag. */
export async function findManifest(
  repository: Repository,
  reference: string,
  options: CallOptions = {},
): Promise<Digest | undefined> {
  const response = await repository.send({
    method: 'HEAD',
    url: apiUrl(repository, `manifests/${reference}`),
    actions: ['pull'],
    headers: { accept: OCI_MANIFEST },
    ...options,
  });
  await discard(response);
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw await refusal(repository, response, `find the manifest ${reference}`, 'pull');
  const digest = response.headers.get('docker-content-digest') ?? '';
  if (isDigest(digest)) return digest;
  const bytes = await readManifest(repository, reference, options);
  return bytes && digestOf(bytes);
}

/** Writes under a tag or under its own digest; replaces what a tag pointed at. */
export async function writeManifest(
  repository: Repository,
  reference: string,
  manifest: Uint8Array,
  options: CallOptions = {},
): Promise<void> {
  const response = await repository.send({
    method: 'PUT',
    url: apiUrl(repository, `manifests/${reference}`),
    actions: ['pull', 'push'],
    headers: { 'content-type': OCI_MANIFEST },
    body: bytesBody(manifest),
    ...options,
  });
  if (!isTaken(response)) throw await refusal(repository, response, `take the manifest ${reference}`, 'push');
  await discard(response);
}

/**
 * Removes a tag. Registries before distribution 3 only delete by digest (they answer a tag with 400 or 405), which takes
 * every tag of that manifest with it.
 */
export async function deleteTag(repository: Repository, tag: string, options: CallOptions = {}): Promise<void> {
  const response = await deleteManifest(repository, tag, options);
  if (response.ok || response.status === 404) return discard(response);
  if (response.status !== 400 && response.status !== 405) {
    throw await refusal(repository, response, `delete the tag ${tag}`, 'delete');
  }
  await discard(response);
  return deleteByDigest(repository, tag, options);
}

/**
 * Such a registry reads all tags to find those of the manifest, and answers 400 when one is being written at that moment:
 * then it is asked again.
 */
async function deleteByDigest(repository: Repository, tag: string, options: CallOptions): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const digest = await findManifest(repository, tag, options);
    if (digest === undefined) return;
    const response = await deleteManifest(repository, digest, options);
    if (response.ok || response.status === 404) return discard(response);
    if (response.status !== 400 || attempt === 3) {
      throw await refusal(repository, response, `delete the tag ${tag}`, 'delete');
    }
    await discard(response);
  }
}

function deleteManifest(repository: Repository, reference: string, options: CallOptions): Promise<Response> {
  const url = apiUrl(repository, `manifests/${reference}`);
  return repository.send({ method: 'DELETE', url, actions: ['pull', 'delete'], ...options });
}
