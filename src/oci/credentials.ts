import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { rememberSecret } from '../core/redact.ts';
import type { RegistryAddress } from './address.ts';
import { runCredentialHelper } from './credential-helper.ts';

export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A refresh token for the registry's token server. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A ready bearer token. */
  | { readonly kind: 'registry-token'; readonly token: string };

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CredentialSources {
  readonly env: Environment;
  readonly homeDirectory: string;
  readonly logger: Logger;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry | undefined>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** A login, and where it was found, for people: never with anything of the login itself. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly source: string;
}

type Lookup = CredentialSources & { readonly signal?: AbortSignal };

/**
 * What `docker login`, `podman login` or a credential helper knows for this registry. Asked in turn: the text in
 * `DOCKER_AUTH_CONFIG`, docker's config.json, then the files podman and skopeo use.
 * https://github.com/docker/cli/blob/v29.8.2/cli/config/configfile/file.go and containers-auth.json(5).
 */
export async function readCredential(
  address: RegistryAddress,
  repository: string,
  sources: Lookup,
): Promise<Credential | undefined> {
  return (await findCredential(address, repository, sources))?.credential;
}

/** The same, with the place. */
export async function findCredential(
  address: RegistryAddress,
  repository: string,
  sources: Lookup,
): Promise<FoundCredential | undefined> {
  for await (const { config, where } of readConfigs(sources)) {
    const found = await lookUp(config, address, repository, sources);
    if (found)
      return {
        credential: remembered(found.credential),
        source: found.helper ? `${found.helper}, which ${where} names` : where,
      };
  }
  return undefined;
}

async function lookUp(
  config: DockerConfig,
  address: RegistryAddress,
  repository: string,
  sources: Lookup,
): Promise<{ readonly credential: Credential; readonly helper?: string } | undefined> {
  const helper =
    config.credHelpers?.[address.credentialServer] ?? config.credHelpers?.[address.host] ?? config.credsStore;
  if (helper !== undefined && helper !== '') {
    const found = await runCredentialHelper(helper, address.credentialServer, sources);
    if (found) return { credential: found, helper: `docker-credential-${helper}` };
  }
  const entry = findEntry(config.auths ?? {}, address, repository);
  const credential = entry && credentialOf(entry);
  return credential && { credential };
}

/** Keys may carry a scheme and a path (`https://index.docker.io/v1/`), or a namespace (podman); the longest wins. */
function findEntry(
  auths: Readonly<Record<string, AuthEntry | undefined>>,
  address: RegistryAddress,
  repository: string,
): AuthEntry | undefined {
  const hosts =
    address.host === 'docker.io' ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [address.host];
  let best: { length: number; entry: AuthEntry } | undefined;
  for (const [key, entry] of Object.entries(auths)) {
    const name = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
    const isMatch = hosts.some((host) => name === host || isPathPrefix(name, `${host}/${repository}`));
    if (isMatch && entry && (best === undefined || name.length > best.length)) best = { length: name.length, entry };
  }
  return best?.entry;
}

function isPathPrefix(prefix: string, path: string): boolean {
  return prefix.includes('/') && (path === prefix || path.startsWith(`${prefix}/`));
}

function credentialOf(entry: AuthEntry): Credential | undefined {
  if (entry.registrytoken) return { kind: 'registry-token', token: entry.registrytoken };
  if (entry.identitytoken) return { kind: 'identity-token', token: entry.identitytoken };
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const username = colon > 0 ? decoded.slice(0, colon) : entry.username;
  // Docker pads some with NULs: https://github.com/docker/cli/blob/v29.8.2/cli/config/configfile/file.go
  const password = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/, '') : entry.password;
  return username && password ? { kind: 'password', username, password } : undefined;
}

async function* readConfigs(
  sources: CredentialSources,
): AsyncGenerator<{ readonly config: DockerConfig; readonly where: string }> {
  const { env, homeDirectory, logger } = sources;
  if (env['DOCKER_AUTH_CONFIG']) {
    const config = parseConfig(env['DOCKER_AUTH_CONFIG'], 'DOCKER_AUTH_CONFIG', logger);
    if (config) yield { config, where: 'DOCKER_AUTH_CONFIG' };
  }
  const paths = [
    env['REGISTRY_AUTH_FILE'],
    join(env['DOCKER_CONFIG'] || join(homeDirectory, '.docker'), 'config.json'),
    env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'containers', 'auth.json'),
    join(env['XDG_CONFIG_HOME'] || join(homeDirectory, '.config'), 'containers', 'auth.json'),
  ];
  for (const path of paths) {
    if (!path) continue;
    const text = await readOptional(path, logger);
    const config = text === undefined ? undefined : parseConfig(text, path, logger);
    if (config) yield { config, where: path };
  }
}

async function readOptional(path: string, logger: Logger): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      logger.warning(`credentials in \`${path}\` can't be read: ${errorMessage(error)}`);
    }
    return undefined;
  }
}

/** A broken file is said and passed over: the next one, or no login at all, may do. */
function parseConfig(text: string, where: string, logger: Logger): DockerConfig | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The parser's message quotes the text, which holds passwords: it must not be shown.
  }
  logger.warning(`credentials in \`${where}\` are passed over: not a JSON object`);
  return undefined;
}

function remembered(credential: Credential): Credential {
  rememberSecret(credential.kind === 'password' ? credential.password : credential.token);
  return credential;
}
