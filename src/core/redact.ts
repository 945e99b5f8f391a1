/** Longest first: a secret that begins with another one must not keep its end. */
let secrets: readonly string[] = [];

const USERINFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi;
/** Shared access signatures, signed requests, and the sessions of resumable uploads, which need no other credential. */
const SIGNED_QUERY =
  /([?&](?:sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token)|upload_id|token|access_token|key)=)[^&\s"'`]+/gi;
const AUTHORIZATION = /\b(Bearer|Basic) [A-Za-z0-9+/_.~=-]{8,}/g;
const AUTHORIZATION_HEADER = /\b(authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)) [A-Za-z0-9+/_.~=-]{8,}/gi;
/** Names of variables and arguments whose value is a credential. */
const SECRET_NAME =
  /TOKEN|SECRET|PASSW(?:OR)?D|CREDENTIALS?$|API_?KEY|ACCESS_KEY|PRIVATE_KEY|SIGNING_KEY|NETRC$|(?:^|_)AUTH$/i;
/** A private key of `slipway key new`, wherever it turns up: `trust/key-text.ts`. */
const SIGNING_KEY = /slipway-signing-key:[A-Za-z0-9+/=:]{8,}/g;

/**
 * Remembers a value that must never be printed, as it is and as URLs, forms and JSON write it. Values under 6 characters are
 * ignored: masking them would mangle text.
 */
export function rememberSecret(value: string | undefined): void {
  if (value === undefined || value.length < 6 || secrets.includes(value)) return;
  const inForm = new URLSearchParams({ _: value }).toString().slice(2);
  const written = [value, encodeURIComponent(value.toWellFormed()), inForm, JSON.stringify(value).slice(1, -1)];
  secrets = [...new Set([...secrets, ...written])].sort((a, b) => b.length - a.length);
}

/** What makes a signed address one: whoever knows it may do what the address is for. */
const SIGNATURE = /^(?:sig|signature|token|upload_id|x-(?:amz|goog)-(?:signature|security-token))$/i;

/** Remembers the signatures in the query of an address that a server gave. */
export function rememberSignatures(url: URL): void {
  for (const [name, value] of url.searchParams) if (SIGNATURE.test(name)) rememberSecret(value);
}

/**
 * Remembers what the environment, or build arguments as `NAME=value`, hold of credentials: values of names that say so,
 * and passwords in URLs (proxies, GOPROXY). Paths and single words such as `true` are no secrets.
 */
export function rememberSecretsOf(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value = ''] of Object.entries(variables)) {
    if (SECRET_NAME.test(name) && value.length >= 8 && !/^(?:[./~]|[a-z]+$)/.test(value)) rememberSecret(value.trim());
    for (const [, user = '', password = ''] of value.matchAll(URL_PASSWORD)) {
      rememberSecret(password);
      rememberSecret(decodeSafely(password));
      // As an Authorization or Proxy-Authorization says both.
      if (password !== '')
        rememberSecret(Buffer.from(`${decodeSafely(user)}:${decodeSafely(password)}`).toString('base64'));
      // A token may stand where the name of a user does.
      if (password === '' && user.length >= 20) rememberSecret(user);
    }
  }
}

/** Remembers the passwords of a .netrc file. */
export function rememberNetrc(text: string): void {
  for (const [, password] of text.matchAll(/\bpassword\s+(\S+)/g)) rememberSecret(password);
}

const URL_PASSWORD = /\b[a-z][a-z0-9+.-]*:\/\/([^/\s:@]*):?([^/\s@]*)@/gi;

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no escape: then the text is the password itself.
    return text;
  }
}

/** Takes known secrets, URL user info, signed query values, Authorization values and private keys out of a text. */
export function redact(text: string): string {
  let out = text
    .replace(USERINFO, '$1***@')
    .replace(SIGNED_QUERY, '$1***')
    .replace(AUTHORIZATION, '$1 ***')
    .replace(AUTHORIZATION_HEADER, '$1 ***')
    .replace(SIGNING_KEY, 'slipway-signing-key:***');
  for (const secret of secrets) out = out.replaceAll(secret, '***');
  return out;
}
