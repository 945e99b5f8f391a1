/** Where a registry's API is, and under which name its credentials are kept. */
export interface RegistryAddress {
  /** As in image names. */
  readonly host: string;
  /** `https://registry-1.docker.io`, `http://127.0.0.1:5000`: scheme, host, port. */
  readonly origin: string;
  /** What credential helpers and `auths` call it. */
  readonly credentialServer: string;
}

/**
 * Plain http for loopback names unless it is switched off, for others only when asked for, as BuildKit does.
 * https://github.com/moby/buildkit/blob/v0.33.1/util/resolver/resolver.go#L27-L62
 * Docker Hub's API and its credentials go by other names than its images.
 */
export function registryAddress(host: string, isInsecure?: boolean): RegistryAddress {
  if (host === 'docker.io') {
    return { host, origin: 'https://registry-1.docker.io', credentialServer: 'https://index.docker.io/v1/' };
  }
  const isPlain = isInsecure ?? isLoopbackHost(new URL(`http://${host}`).hostname);
  return { host, origin: new URL(`${isPlain ? 'http' : 'https'}://${host}`).origin, credentialServer: host };
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** An address that only machines near us can reach; names are not looked up, so this is a guard and not a wall. */
export function isPrivateHost(hostname: string): boolean {
  if (isLoopbackHost(hostname)) return true;
  if (/^\[(f[cd]|fe[89ab])/i.test(hostname) || hostname === '[::]') return true;
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname);
  if (!parts) return false;
  const [a, b] = [Number(parts[1]), Number(parts[2])];
  return (
    a === 0 || a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254)
  );
}
