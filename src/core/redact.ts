const secrets = new Set<string>();

const USERINFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi;
const SIGNED_QUERY = /([?&](?:sig|signature|x-amz-signature|x-amz-security-token|token|access_token)=)[^&\s"']+/gi;
const AUTHORIZATION = /\b(Bearer|Basic) [A-Za-z0-9+/_.~=-]{8,}/g;
/** A private key of `slipway key new`, wherever it turns up: `trust/key-text.ts`. */
const SIGNING_KEY = /slipway-signing-key:[A-Za-z0-9+/=:]{8,}/g;

/** Remembers a value that must never be printed. Values under 6 characters are ignored: masking them would mangle text. */
export function rememberSecret(value: string | undefined): void {
  if (value !== undefined && value.length >= 6) secrets.add(value);
}

/** Takes known secrets, URL user info, signed query values, Authorization values and private keys out of a text. */
export function redact(text: string): string {
  let out = text
    .replace(USERINFO, '$1***@')
    .replace(SIGNED_QUERY, '$1***')
    .replace(AUTHORIZATION, '$1 ***')
    .replace(SIGNING_KEY, 'slipway-signing-key:***');
  for (const secret of secrets) out = out.replaceAll(secret, '***');
  return out;
}
