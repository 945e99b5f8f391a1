const CREDENTIAL = /((?:secret|token|password|access_key|credential)[a-z_]*\s*=).*$/is;
const USERINFO = /(^|[=/,"])[^\s=/,"@]*:[^\s/,"@]*@(?!sha256:)/g;

/**
 * What a person wrote as a store, fit to be shown: all that stands behind the first credential is hidden, since a secret
 * may hold a comma too, and so is user info.
 */
export function shownText(text: string): string {
  return text.replace(USERINFO, '$1***@').replace(CREDENTIAL, '$1***');
}
