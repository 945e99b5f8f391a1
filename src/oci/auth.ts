import type { Clock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import { rememberSecret } from '../core/redact.ts';
import { isLoopbackHost, isPrivateHost, type RegistryAddress } from './address.ts';
import { failedAnswer, readJson } from './answer.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import { bytesBody, type Authorization, type RegistryRequest, type RepositoryAction, type Send } from './request.ts';
import { isLendableToken } from './lendable-token.ts';
import { mergeScopes } from './token-scope.ts';

export interface AuthorizerOptions {
  readonly address: RegistryAddress;
  readonly repository: string;
  readonly clock: Clock;
  readonly send: Send;
  readonly readCredential: (signal?: AbortSignal) => Promise<Credential | undefined>;
}

export interface Authorizer {
  /** What is known already to serve this. */
  known(wish: Pick<AuthorizationWish, 'actions' | 'isExact'>): Authorization | undefined;
  /** A new one in answer to a 401; undefined when there is nothing to answer with. */
  answer(headers: Headers, wish: AuthorizationWish): Promise<Authorization | undefined>;
}

export interface AuthorizationWish {
  readonly actions: readonly RepositoryAction[];
  /** No token that was asked for with more than these, whatever the challenge says, or that is about to end. */
  readonly isExact: boolean;
  /** The header that was sent and not accepted. */
  readonly refused: string | undefined;
  readonly signal?: AbortSignal;
}

interface Token extends Authorization {
  readonly actions: readonly RepositoryAction[];
  /** What it was asked for with; undefined where that makes no difference. */
  readonly scopes?: string;
  readonly expiresAtMs: number;
}

/** Servers that don't say mean 60 s: https://distribution.github.io/distribution/spec/auth/token/ */
const DEFAULT_LIFETIME_SECONDS = 60;
/** A token is renewed this much before its end, since a request takes time to arrive. */
const MARGIN_MS = 5_000;
/** What is to be given to others must live for at least so long from then. */
const LENDING_MS = 30_000;
const MAX_TOKEN_ANSWER_BYTES = 1024 * 1024;

/** Remembers Basic or Bearer headers for one repository of one registry. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  let tokens: readonly Token[] = [];
  const pending = new Map<string, Promise<Token>>();

  const known: Authorizer['known'] = ({ actions, isExact }) => {
    const untilMs = options.clock.monotonic() + (isExact ? LENDING_MS : 0);
    const exactly = mergeScopes(options.repository, actions, undefined).join(' ');
    const isFit = ({ scopes }: Token): boolean => !isExact || scopes === undefined || scopes === exactly;
    return tokens.find((t) => t.expiresAtMs > untilMs && isFit(t) && actions.every((a) => t.actions.includes(a)));
  };

  const answer: Authorizer['answer'] = async (headers, wish) => {
    const challenges = parseChallenges(headers.get('www-authenticate') ?? '');
    const { actions, isExact, refused, signal } = wish;
    // Another request may have been given one while this was under way.
    const newer = known(wish);
    if (newer !== undefined && newer.header !== refused) return newer;
    // What was just refused is of no use to the next request either.
    tokens = tokens.filter((t) => t.header !== refused);
    const bearer = challenges.find((c) => c.scheme === 'bearer');
    if (!bearer) return challenges.some((c) => c.scheme === 'basic') ? answerBasic(signal, refused) : undefined;
    const scopes = mergeScopes(options.repository, actions, isExact ? undefined : bearer.parameters['scope']);
    const key = scopes.join(' ');
    const running = pending.get(key) ?? fetchToken(options, bearer, { scopes, actions, ...(signal && { signal }) });
    pending.set(key, running);
    try {
      const token = await running;
      tokens = [token, ...tokens.filter((t) => t !== token)];
      return token;
    } finally {
      pending.delete(key);
    }
  };

  const answerBasic = async (signal: AbortSignal | undefined, refused: string | undefined) => {
    const credential = await options.readCredential(signal);
    if (credential?.kind !== 'password') return undefined;
    const header = basicHeader(credential.username, credential.password);
    if (header === refused) return undefined;
    const actions = ['pull', 'push', 'delete'] as const;
    const basic: Token = { header, actions, isLendable: false, expiresAtMs: Number.POSITIVE_INFINITY };
    tokens = [basic];
    return basic;
  };

  return { known, answer };
}

interface TokenWish {
  readonly scopes: readonly string[];
  readonly actions: readonly RepositoryAction[];
  readonly signal?: AbortSignal;
}

async function fetchToken(options: AuthorizerOptions, challenge: Challenge, wish: TokenWish): Promise<Token> {
  const realm = checkRealm(challenge.parameters['realm'] ?? '', options.address);
  const credential = await options.readCredential(wish.signal);
  const startedAtMs = options.clock.monotonic();
  if (credential?.kind === 'registry-token') {
    const header = `Bearer ${credential.token}`;
    return { header, actions: wish.actions, isLendable: false, expiresAtMs: startedAtMs + 60_000 };
  }
  const service = challenge.parameters['service'];
  const request =
    credential?.kind === 'identity-token'
      ? refreshRequest(realm, service, credential.token, wish)
      : tokenRequest(realm, service, credential, wish);
  const response = await options.send(request);
  if (response.status !== 200) {
    const what = `give a token for ${wish.scopes.join(' ')}`;
    throw await failedAnswer(response, { what, permission: 'pull', nowMs: options.clock.now() });
  }
  const document = (await readJson(response, MAX_TOKEN_ANSWER_BYTES)) as Record<string, unknown> | null;
  const token = document?.['token'] ?? document?.['access_token'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new SlipwayError('STORE_UNAUTHENTICATED', `\`${realm.host}\` answered without a token`);
  }
  rememberSecret(token);
  const lifetime = Number(document?.['expires_in']) || DEFAULT_LIFETIME_SECONDS;
  return {
    header: `Bearer ${token}`,
    actions: wish.actions,
    scopes: wish.scopes.join(' '),
    // What anybody is given may be given to anybody; what a login brought must say itself how little it may.
    isLendable: credential === undefined || isLendableToken(token, { ...options, nowMs: options.clock.now() }),
    expiresAtMs: startedAtMs + Math.max(lifetime * 1000 - MARGIN_MS, 1000),
  };
}

function tokenRequest(
  realm: URL,
  service: string | undefined,
  credential: Extract<Credential, { kind: 'password' }> | undefined,
  wish: TokenWish,
): RegistryRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of wish.scopes) url.searchParams.append('scope', scope);
  const headers = credential && { authorization: basicHeader(credential.username, credential.password) };
  return { method: 'GET', url, actions: [], ...(headers && { headers }), ...(wish.signal && { signal: wish.signal }) };
}

/** OAuth2 with a refresh token, which is what `docker login` keeps for some registries as `identitytoken`. */
function refreshRequest(realm: URL, service: string | undefined, token: string, wish: TokenWish): RegistryRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'slipway',
    service: service ?? '',
    scope: wish.scopes.join(' '),
    refresh_token: token,
  });
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: bytesBody(new TextEncoder().encode(form.toString())),
    actions: [],
    ...(wish.signal && { signal: wish.signal }),
  };
}

/** The realm comes from the other side and gets our password: https, or plain http on the registry's own host. */
function checkRealm(text: string, address: RegistryAddress): URL {
  const registry = new URL(address.origin);
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const isNear =
    realm !== undefined &&
    (realm.hostname === registry.hostname || (isLoopbackHost(realm.hostname) && isLoopbackHost(registry.hostname)));
  const isPlainAllowed = realm?.protocol === 'http:' && registry.protocol === 'http:' && isNear;
  const isFarPrivate =
    realm !== undefined && !isNear && isPrivateHost(realm.hostname) && !isPrivateHost(registry.hostname);
  if (realm === undefined || isFarPrivate || (realm.protocol !== 'https:' && !isPlainAllowed)) {
    throw new SlipwayError(
      'STORE_UNAUTHENTICATED',
      `\`${address.host}\` sends us to \`${text.slice(0, 200)}\` for a token, where credentials are not sent`,
      { hint: 'A token server must be reached by https, or be on the same host as a plain http registry.' },
    );
  }
  return realm;
}

function basicHeader(username: string, password: string): string {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  rememberSecret(encoded);
  return `Basic ${encoded}`;
}
