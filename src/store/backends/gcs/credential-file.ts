import type { AuthClient } from 'google-auth-library';
import { SlipwayError } from '../../../core/errors.ts';
import { rememberSecret } from '../../../core/redact.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import { readCapped } from '../../../oci/answer.ts';
import { STORAGE_SCOPE, type GoogleToken, type TokenDependencies, type TokenSource } from './google-token.ts';

type Library = typeof import('google-auth-library');
type Fields = Readonly<Record<string, unknown>>;
type Transport = (url: string | URL, init?: RequestInit) => Promise<Response>;

interface ClientOptions {
  readonly fields: Fields;
  readonly transport: Transport;
  readonly path: string;
}

/** When a token doesn't say how long it lives. */
const UNKNOWN_LIFETIME_MS = 5 * 60 * 1000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * The credentials in a file as Google's tools write it. Google's own library turns them into a token, over our HTTP; it is
 * loaded when the first token is needed. It is made anew for each token, so that one which was refused is not kept.
 */
export function openCredentialFile(path: string, text: string, dependencies: TokenDependencies): TokenSource {
  const fields = parseFields(path, text);
  for (const key of ['private_key', 'client_secret', 'refresh_token']) {
    if (typeof fields[key] === 'string') rememberSecret(fields[key]);
  }
  return {
    description: `${ownerOf(fields)} (\`${path}\`)`,
    async fetchToken(signal) {
      const transport = overOurHttp(dependencies, signal);
      return fieldsToToken({ fields, transport, path }, dependencies.nowMs());
    },
  };
}

async function fieldsToToken(options: ClientOptions, nowMs: number): Promise<GoogleToken> {
  if (options.fields['type'] === 'impersonated_service_account') return impersonate(options, nowMs);
  const client = await createClient(options);
  const headers = Object.fromEntries(await client.getRequestHeaders());
  rememberSecret(client.credentials.access_token ?? undefined);
  return { headers, expiresAtMs: client.credentials.expiry_date ?? nowMs + UNKNOWN_LIFETIME_MS };
}

/** The kinds of files that `gcloud` and the console write: https://google.aip.dev/auth/4110 */
async function createClient({ fields, transport, path }: ClientOptions): Promise<AuthClient> {
  const library = await import('google-auth-library');
  // Repeating is the store's business, else attempts would multiply.
  const transporterOptions = { fetchImplementation: transport as typeof fetch, retryConfig: { retry: 0 } };
  const text = (key: string): string => stringField(fields, key, path);
  switch (fields['type']) {
    case 'service_account':
      return new library.JWT({
        email: text('client_email'),
        key: text('private_key'),
        scopes: [STORAGE_SCOPE],
        transporterOptions,
      });
    case 'authorized_user':
      return new library.UserRefreshClient({
        clientId: text('client_id'),
        clientSecret: text('client_secret'),
        refreshToken: text('refresh_token'),
        ...(typeof fields['quota_project_id'] === 'string' && { quotaProjectId: fields['quota_project_id'] }),
        transporterOptions,
      });
    case 'external_account':
      return externalClient(library, fields, transporterOptions);
    case 'external_account_authorized_user':
      return new library.ExternalAccountAuthorizedUserClient({ ...fields, transporterOptions } as never);
    default:
      throw unusable(path, `its type \`${String(fields['type'])}\` is not known here`);
  }
}

function externalClient(library: Library, fields: Fields, transporterOptions: object): AuthClient {
  const source = (fields['credential_source'] ?? {}) as Fields;
  // A certificate of ours in the TLS handshake is something that only the library's own HTTP can show.
  const isByCertificate = source['certificate'] !== undefined;
  // The shape is the library's to check.
  const options = { ...fields, scopes: [STORAGE_SCOPE], ...(!isByCertificate && { transporterOptions }) } as never;
  const Client =
    source['environment_id'] !== undefined
      ? library.AwsClient
      : source['executable'] !== undefined
        ? library.PluggableAuthClient
        : library.IdentityPoolClient;
  const client = new Client(options);
  // The exchange would go past the transport that was given: google-auth-library 11.3.4, baseexternalclient.js.
  if (!isByCertificate)
    Object.assign(Reflect.get(client, 'stsCredential') as object, { transporter: client.transporter });
  return client;
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
async function impersonate(options: ClientOptions, nowMs: number): Promise<GoogleToken> {
  const { fields, transport, path } = options;
  const source = fields['source_credentials'];
  if (typeof source !== 'object' || source === null) throw unusable(path, 'it has no `source_credentials`');
  const { headers } = await fieldsToToken({ ...options, fields: source as Fields }, nowMs);
  const response = await transport(stringField(fields, 'service_account_impersonation_url', path), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ scope: [STORAGE_SCOPE], delegates: fields['delegates'] ?? [] }),
  });
  const answer = JSON.parse(new TextDecoder().decode(await readCapped(response, MAX_ANSWER_BYTES))) as Fields;
  if (!response.ok) throw Object.assign(new Error('refused'), { response: { status: response.status, data: answer } });
  const token = stringField(answer, 'accessToken', path);
  rememberSecret(token);
  const expiresAtMs = Date.parse(String(answer['expireTime'])) || nowMs + UNKNOWN_LIFETIME_MS;
  return { headers: { authorization: `Bearer ${token}` }, expiresAtMs };
}

/** Our HTTP as the `fetch` that the library takes: proxies, certificates and counting are the same for all requests. */
function overOurHttp({ fetch }: TokenDependencies, signal: AbortSignal): Transport {
  return async (input, init = {}) => {
    signal.throwIfAborted();
    const bytes = init.body ? Buffer.from(await new Response(init.body).arrayBuffer()) : undefined;
    rememberSent(new Headers(init.headers), bytes?.toString() ?? '');
    return fetch(new URL(input), {
      method: init.method ?? 'GET',
      headers: {
        'user-agent': 'slipway',
        ...Object.fromEntries(new Headers(init.headers)),
        ...(bytes && { 'content-length': String(bytes.byteLength) }),
      },
      signal,
      ...(bytes && { body: oneChunk(bytes) }),
    });
  };
}

/** What the library made or found to prove who we are: OAuth's forms (RFC 6749, 7523 and 8693), or a token for the next service. */
function rememberSent(headers: Headers, body: string): void {
  const form = new URLSearchParams(body);
  for (const key of ['assertion', 'subject_token', 'actor_token']) rememberSecret(form.get(key) ?? undefined);
  rememberSecret(/^(?:Bearer|Basic) (.+)$/.exec(headers.get('authorization') ?? '')?.[1]);
}

function ownerOf(fields: Fields): string {
  const { type, client_email: email, audience, service_account_impersonation_url: impersonated } = fields;
  const account = typeof impersonated === 'string' ? /([^/]+):generateAccessToken$/.exec(impersonated)?.[1] : undefined;
  if (typeof email === 'string') return `the service account ${email}`;
  if (account !== undefined) return `the service account ${account}`;
  if (type === 'external_account') return `the workload identity of ${String(audience)}`;
  return type === 'authorized_user' ? 'the account of `gcloud auth application-default login`' : 'the credentials';
}

function parseFields(path: string, text: string): Fields {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's message would quote the file, which holds a secret.
    document = undefined;
  }
  if (typeof document !== 'object' || document === null) throw unusable(path, 'it is no JSON document');
  return document as Fields;
}

function stringField(fields: Fields, key: string, path: string): string {
  const value = fields[key];
  if (typeof value !== 'string' || value === '') throw unusable(path, `there is no \`${key}\``);
  return value;
}

function unusable(path: string, why: string): SlipwayError {
  return new SlipwayError('STORE_UNAUTHENTICATED', `the Google credentials in \`${path}\` can't be used: ${why}`, {
    hint: 'Give GOOGLE_APPLICATION_CREDENTIALS a file as the Google Cloud console or `gcloud` writes it.',
  });
}
