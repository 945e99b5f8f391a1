import type { Environment } from '../../../oci/credentials.ts';

/** Where the service is, and whether it may see a token. */
export interface GcsAddress {
  /** `https://storage.googleapis.com`, without a path. */
  readonly origin: string;
  /** Plain http would show a token to everybody on the way, and an emulator wants none. */
  readonly isAnonymous: boolean;
}

const GOOGLE = 'https://storage.googleapis.com';

/**
 * The endpoint that the store names, else `STORAGE_EMULATOR_HOST` as Google's own clients read it (`host:port` or an
 * address), else Google. Undefined when the variable holds no address.
 */
export function readGcsAddress(endpointUrl: string | undefined, env: Environment): GcsAddress | undefined {
  if (endpointUrl !== undefined) return addressOf(endpointUrl, false);
  const emulator = env['STORAGE_EMULATOR_HOST'] ?? '';
  if (emulator === '') return { origin: GOOGLE, isAnonymous: false };
  return addressOf(emulator.includes('://') ? emulator : `http://${emulator}`, true);
}

function addressOf(text: string, isEmulator: boolean): GcsAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') return undefined;
  return { origin: url.origin, isAnonymous: isEmulator || url.protocol === 'http:' };
}
