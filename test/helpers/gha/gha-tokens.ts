import { randomBytes } from 'node:crypto';

/** What a job's token allows: its own branch first, then the branches it may fall back to. */
export interface GhaGrant {
  readonly scopes: readonly GhaScope[];
  readonly expiresAtMs: number;
}

export interface GhaScope {
  readonly scope: string;
  readonly canRead: boolean;
  readonly canWrite: boolean;
}

export interface TokenOptions {
  /** The branch of the job: `refs/heads/main`, which is the default branch. */
  readonly branch?: string;
  /** Where it reads too; the default branch, if left out. */
  readonly fallbacks?: readonly string[];
  readonly canRead?: boolean;
  readonly canWrite?: boolean;
  readonly lifetimeMs?: number;
}

const DEFAULT_BRANCH = 'refs/heads/main';

export function grantOf(options: TokenOptions, nowMs: number): GhaGrant {
  const { branch = DEFAULT_BRANCH, canRead = true, canWrite = true, lifetimeMs = 6 * 3600 * 1000 } = options;
  const fallbacks = options.fallbacks ?? [DEFAULT_BRANCH];
  return {
    scopes: [
      { scope: branch, canRead, canWrite },
      ...fallbacks.filter((scope) => scope !== branch).map((scope) => ({ scope, canRead, canWrite: false })),
    ],
    expiresAtMs: nowMs + lifetimeMs,
  };
}

/** A token that looks as GitHub's do: BuildKit reads the branches and permissions out of it. */
export function formatToken(grant: GhaGrant, nowMs: number): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const access = grant.scopes.map(({ scope, canRead, canWrite }) => ({
    Scope: scope,
    Permission: (canRead ? 1 : 0) | (canWrite ? 2 : 0),
  }));
  const claims = {
    ac: JSON.stringify(access),
    nbf: Math.floor(nowMs / 1000) - 60,
    exp: Math.floor(grant.expiresAtMs / 1000),
  };
  return `${encode({ typ: 'JWT', alg: 'RS256' })}.${encode(claims)}.${randomBytes(32).toString('base64url')}`;
}
