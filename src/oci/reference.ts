import { isDigest, type Digest } from '../core/digest.ts';

/** An image name taken apart. `host` is as written in names (`docker.io`), not where its API is. */
export interface Reference {
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

export type ReferenceResult =
  | { readonly ok: true; readonly reference: Reference }
  | { readonly ok: false; readonly problem: string };

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const TAG = /^\w[\w.-]{0,127}$/;
const BARE_DIGEST = /^[a-f0-9]{64}$/;
/** https://github.com/distribution/reference/blob/v0.6.0/reference.go#L38-L44 */
const MAX_REPOSITORY_LENGTH = 255;

/**
 * Reads a name by Docker's rules: no host means Docker Hub, one word there means `library/`; the first part is a host
 * when it is `localhost`, or has a dot, a colon or a capital letter.
 * https://github.com/distribution/reference/blob/v0.6.0/normalize.go#L143-L188 and regexp.go of the same version.
 */
export function parseReference(text: string): ReferenceResult {
  if (BARE_DIGEST.test(text)) return bad(`\`${text}\` is a bare digest, not a name`);
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return bad(`\`${digest}\` is not a sha256 digest`);
  const { host, path } = splitHost(at < 0 ? text : text.slice(0, at));
  const colon = path.indexOf(':');
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  const name = colon < 0 ? path : path.slice(0, colon);
  const repository = host === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
  if (!HOST.test(host)) return bad(`\`${host}\` is not a host name`);
  if (tag !== undefined && !TAG.test(tag)) return bad(`\`${tag}\` is not a tag`);
  if (name !== name.toLowerCase()) return bad(`the repository \`${name}\` must be in lower case`);
  if (!REPOSITORY.test(repository)) return bad(`\`${name}\` is not a repository name`);
  if (repository.length > MAX_REPOSITORY_LENGTH)
    return bad(`the repository is longer than ${MAX_REPOSITORY_LENGTH} characters`);
  return { ok: true, reference: { host, repository, ...(tag && { tag }), ...(digest && { digest }) } };
}

export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.host}/${reference.repository}${tag}${digest}`;
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

function splitHost(text: string): { host: string; path: string } {
  const slash = text.indexOf('/');
  if (slash < 0) return { host: 'docker.io', path: text };
  const first = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  if (first === 'index.docker.io') return { host: 'docker.io', path: rest };
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  return isHost ? { host: first, path: rest } : { host: 'docker.io', path: text };
}

function bad(problem: string): ReferenceResult {
  return { ok: false, problem };
}
