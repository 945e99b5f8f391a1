import { SlipwayError } from '../../../core/errors.ts';
import { rememberSignatures } from '../../../core/redact.ts';
import { isPrivateHost } from '../../../oci/address.ts';

/**
 * An address that the service signed for one entry: whoever has it may read or write that entry, so it is a secret. It
 * must not lead to where we wouldn't go ourselves: never from https to http, or from a public host to a private one.
 */
export function readSignedUrl(text: unknown, service: URL): URL {
  if (typeof text !== 'string' || !URL.canParse(text)) throw refused(service, 'no address of an entry');
  const url = new URL(text);
  rememberSignatures(url);
  if (url.protocol !== 'https:' && url.protocol !== service.protocol) throw refused(service, `\`${url.protocol}\``);
  if (isPrivateHost(url.hostname) && !isPrivateHost(service.hostname)) {
    throw refused(service, `the private address \`${url.host}\``);
  }
  return url;
}

function refused(service: URL, what: string): SlipwayError {
  return new SlipwayError('STORE_FAILED', `\`${service.host}\` answered with ${what}, which is not followed`);
}
