import type { ListenAddress } from '../source/listen-addresses.ts';
import type { Reached } from './reach.ts';

/** What a program wants of the image it runs in. */
export interface RuntimeNeeds {
  /** It makes TLS connections as a client, or verifies certificates: the roots must be in the image. */
  readonly needsCertificates: boolean;
  /** It names time zones, and the image must have them. */
  readonly needsTimeZones: boolean;
  /** os/user: names of users and groups come from /etc/passwd and /etc/group. */
  readonly usesUserLookup: boolean;
  /** Starts a server. */
  readonly listens: boolean;
  /** The addresses with the best evidence, each port once, in the order they were met. */
  readonly addresses: readonly ListenAddress[];
}

/** Names of net/http that make a client, which verifies certificates; a server needs none of them. */
const HTTP_CLIENT =
  /^(?:Get|Head|Post|PostForm|Client|DefaultClient|NewRequest|NewRequestWithContext|Transport|DefaultTransport)$/;
const TLS_CLIENT = /^(?:Dial|DialWithDialer|Dialer|Client)$/;
const LISTENERS =
  /^(?:Listen|ListenTCP|ListenUDP|ListenPacket|ListenConfig|ListenAndServe|ListenAndServeTLS|Serve|ServeTLS|Server)$/;
const EMBEDDED_ROOTS = 'golang.org/x/crypto/x509roots/fallback';

/**
 * Judges by the packages whose code is here. Modules that aren't here may do all of it: where a program imports some, certificates
 * count as needed as soon as anything of its own reaches the network.
 */
export function runtimeNeedsOf(reached: Reached): RuntimeNeeds {
  const sources = [...reached.packages.values()].flatMap(({ files }) => files.map(({ source }) => source));
  const uses = (path: string, pattern: RegExp): boolean =>
    sources.some((source) => [...(source.uses.get(path) ?? [])].some((name) => pattern.test(name)));
  const imports = (path: string): boolean =>
    reached.standard.has(path) || reached.external.has(path) || reached.packages.has(path);
  const hasForeignCode = reached.external.size > 0;
  const isClient =
    uses('net/http', HTTP_CLIENT) ||
    uses('crypto/tls', TLS_CLIENT) ||
    uses('crypto/x509', /^(?:SystemCertPool|VerifyOptions)$/);
  const isOnNetwork = ['net', 'net/http', 'crypto/tls', 'net/url'].some(imports);
  const addresses = bestAddresses(sources.flatMap((source) => source.listens));
  return {
    needsCertificates: !imports(EMBEDDED_ROOTS) && (isClient || (hasForeignCode && isOnNetwork)),
    needsTimeZones: !imports('time/tzdata') && uses('time', /^LoadLocation$/),
    usesUserLookup: imports('os/user'),
    listens:
      uses('net/http', LISTENERS) || uses('net', LISTENERS) || uses('crypto/tls', LISTENERS) || addresses.length > 0,
    addresses,
  };
}

const RANK = { call: 0, default: 1, literal: 2 } as const;

function bestAddresses(all: readonly ListenAddress[]): readonly ListenAddress[] {
  const best = Math.min(...all.map(({ evidence }) => RANK[evidence]));
  const seen = new Set<number>();
  return all.filter(({ evidence, port }) => {
    if (RANK[evidence] !== best || seen.has(port)) return false;
    seen.add(port);
    return true;
  });
}
