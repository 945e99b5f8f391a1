import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Can strangers reach this host? Asked of each host before anything is sent to it as a stranger would. */
export type CountsAsPublic = (hostname: string, signal?: AbortSignal) => Promise<boolean>;

/** Ranges that the net doesn't route: https://www.iana.org/assignments/iana-ipv4-special-registry (and -ipv6-) */
const NEAR = new BlockList();
for (const range of ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16']) addRange(range);
for (const range of ['172.16.0.0/12', '192.168.0.0/16', '::/127', 'fc00::/7', 'fe80::/10']) addRange(range);

/** Endings of names that only a house or a cluster knows: RFC 6761, 6762, 8375, 9476 and Kubernetes. */
const NEAR_NAME = /(?:^|\.)(?:local|localhost|svc|internal|intranet|lan|home\.arpa)$/;
/** Services for everybody, also where a private link leads to them. */
const PUBLIC_NAME = /\.(?:amazonaws\.com(?:\.cn)?|googleapis\.com)$/;

/**
 * Is a host one that strangers can reach? A name without a dot, one of a house's or cluster's own, an address that the net
 * doesn't route, and a name whose `addresses` are all such are none, whatever they answer. Undefined: nobody knows them.
 */
export function isPublicHost(hostname: string, addresses?: readonly string[]): boolean {
  const name = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(name) !== 0) return !isNear(name);
  if (!name.includes('.') || NEAR_NAME.test(name)) return false;
  if (PUBLIC_NAME.test(name) || addresses === undefined || addresses.length === 0) return true;
  return !addresses.every(isNear);
}

/** `isPublicHost` with what the name resolves to. A look-up that fails, or takes longer than a second, says nothing. */
export const countsAsPublic: CountsAsPublic = async (hostname, signal) => {
  signal?.throwIfAborted();
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || !isPublicHost(hostname)) return isPublicHost(hostname);
  const timeUp = AbortSignal.any([AbortSignal.timeout(LOOKUP_MS), ...(signal ? [signal] : [])]);
  const addresses = await Promise.race([
    lookup(hostname, { all: true }).then(
      (found) => found.map(({ address }) => address),
      () => undefined,
    ),
    new Promise<undefined>((resolve) => timeUp.addEventListener('abort', () => resolve(undefined), { once: true })),
  ]);
  signal?.throwIfAborted();
  return isPublicHost(hostname, addresses);
};

const LOOKUP_MS = 1000;

function addRange(range: string): void {
  const [address = '', bits = ''] = range.split('/');
  NEAR.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
}

function isNear(address: string): boolean {
  return NEAR.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
