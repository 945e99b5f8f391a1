/** A token that lives for longer counts as a lasting one. */
const MAX_LIFE_SECONDS = 2 * 3600;

interface LendingTerms {
  readonly repository: string;
  readonly nowMs: number;
}

/**
 * Does a token say of itself that it may do nothing but pull from this repository, and ends soon? One that says nothing
 * may be able to do all that its account may, whatever was asked for.
 * The claims: https://distribution.github.io/distribution/spec/auth/jwt/
 * One that only says who: https://github.com/go-gitea/gitea/blob/0376f236c36c3c20618ea05d710679e6ff269285/services/packages/auth.go
 */
export function isLendableToken(token: string, { repository, nowMs }: LendingTerms): boolean {
  const claims = claimsOf(token);
  const { access, exp } = claims ?? {};
  if (!Array.isArray(access) || typeof exp !== 'number') return false;
  return exp - nowMs / 1000 <= MAX_LIFE_SECONDS && access.every((entry) => isPullOf(repository, entry));
}

function isPullOf(repository: string, entry: unknown): boolean {
  const { type, name, actions } = (entry ?? {}) as { readonly [claim: string]: unknown };
  return (
    type === 'repository' &&
    name === repository &&
    Array.isArray(actions) &&
    actions.every((action) => action === 'pull')
  );
}

/** Its signature is the registry's to check. */
function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, signature, ...rest] = token.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    // No JWT, so it says nothing of itself.
    return undefined;
  }
}
