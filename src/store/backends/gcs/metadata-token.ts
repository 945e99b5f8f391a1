import { isSlipwayError, SlipwayError } from '../../../core/errors.ts';
import { rememberSecret } from '../../../core/redact.ts';
import { discard, readJson } from '../../../oci/answer.ts';
import type { Environment } from '../../../oci/credentials.ts';
import type { GoogleToken, TokenDependencies, TokenSource } from './google-token.ts';

/** Where no Google machine is, nothing may answer at that address at all. */
const FIRST_ANSWER_MS = 3000;
const FLAVOR = 'Metadata-Flavor';
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * The service account of the machine, pod or job that we run on, from its metadata server. Undefined when there is no such
 * server or no account: https://cloud.google.com/compute/docs/metadata/querying-metadata
 */
export async function findMetadataAccount(
  env: Environment,
  dependencies: TokenDependencies,
  signal: AbortSignal,
): Promise<TokenSource | undefined> {
  if (env['METADATA_SERVER_DETECTION']?.trim().toLowerCase() === 'none') return undefined;
  const host = env['GCE_METADATA_HOST'] || env['GCE_METADATA_IP'] || '169.254.169.254';
  const address = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(FIRST_ANSWER_MS)]);
  let first: GoogleToken | undefined;
  try {
    first = await fetchMetadataToken(url, dependencies, limited);
  } catch (error) {
    signal.throwIfAborted();
    if (!limited.aborted && !isSlipwayError(error, 'STORE_UNREACHABLE')) throw error;
  }
  if (!first) return undefined;
  return {
    description: `this machine's service account (${url.host})`,
    async fetchToken(wish) {
      const token = first ?? (await fetchMetadataToken(url, dependencies, wish));
      first = undefined;
      if (!token) throw new SlipwayError('STORE_UNAUTHENTICATED', `\`${url.host}\` has no service account any more`);
      return token;
    },
  };
}

async function fetchMetadataToken(
  url: URL,
  { fetch, nowMs }: TokenDependencies,
  signal: AbortSignal,
): Promise<GoogleToken | undefined> {
  const response = await fetch(url, { method: 'GET', headers: { [FLAVOR]: 'Google' }, signal });
  // Other clouds have something else at this address.
  const isGoogle = response.headers.get(FLAVOR) === 'Google';
  if (!isGoogle || response.status === 404) {
    await discard(response);
    return undefined;
  }
  if (!response.ok) {
    await discard(response);
    throw new SlipwayError('STORE_FAILED', `\`${url.host}\` gave no token: ${response.status}`, {
      retryable: response.status === 429 || response.status >= 500,
    });
  }
  const answer = (await readJson(response, MAX_ANSWER_BYTES)) as Record<string, unknown> | null;
  const { access_token: token, expires_in: seconds } = answer ?? {};
  if (typeof token !== 'string' || token === '') {
    throw new SlipwayError('STORE_UNAUTHENTICATED', `\`${url.host}\` answered without a token`);
  }
  rememberSecret(token);
  return { headers: { authorization: `Bearer ${token}` }, expiresAtMs: nowMs() + (Number(seconds) || 300) * 1000 };
}
