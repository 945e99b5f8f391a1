import { SlipwayError } from '../core/errors.ts';
import { rememberSignatures } from '../core/redact.ts';
import { isPrivateHost } from './address.ts';

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Where a redirect leads. One from https to http, or from a public host to a private one, is refused. */
export function redirectTarget(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw redirectRefused(from, 'a redirect to no address');
  const url = new URL(location, from);
  rememberSignatures(url);
  if (url.protocol !== 'https:' && url.protocol !== from.protocol) {
    throw redirectRefused(from, `a redirect to \`${url.protocol}\``);
  }
  if (isPrivateHost(url.hostname) && !isPrivateHost(from.hostname)) {
    throw redirectRefused(from, `a redirect to the private address \`${url.host}\``);
  }
  return url;
}

export function redirectRefused(from: URL, what: string): SlipwayError {
  return new SlipwayError('STORE_FAILED', `\`${from.host}\` answered with ${what}, which is not followed`);
}
