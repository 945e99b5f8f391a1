import { join } from 'node:path';
import { SlipwayError } from '../../../core/errors.ts';
import { readOptional } from '../../../core/read-optional.ts';
import type { Environment } from '../../../oci/credentials.ts';
import { openCredentialFile } from './credential-file.ts';
import { tokenError } from './google-token-error.ts';
import type { GoogleToken, TokenDependencies, TokenSource } from './google-token.ts';
import { findMetadataAccount } from './metadata-token.ts';
import { sharedTask } from './shared-task.ts';

export interface GoogleCredentialOptions extends TokenDependencies {
  readonly env: Environment;
  readonly homeDirectory: string;
}

export interface GoogleCredentials {
  /** Undefined where there are no credentials: everybody may read a public bucket. */
  readToken(signal?: AbortSignal): Promise<GoogleToken | undefined>;
  /** One that was refused is not given again. */
  refuse(token: GoogleToken): void;
  /** Whose they are, once they were looked for; undefined where there are none. */
  readonly owner: string | undefined;
  /** Where credentials were looked for in vain. */
  readonly placesLookedAt: readonly string[];
}

/** A token is renewed this much before its end, since a request takes time to arrive. */
const MARGIN_MS = 60_000;

/**
 * Google's "application default credentials": the file that `GOOGLE_APPLICATION_CREDENTIALS` names, that of gcloud, the
 * machine's service account. A file that is named and of no use is an error; nothing else is tried then.
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
export function createGoogleCredentials(options: GoogleCredentialOptions): GoogleCredentials {
  let found: { readonly source: TokenSource | undefined } | undefined;
  let known: GoogleToken | undefined;
  const placesLookedAt: string[] = [];

  const fetchToken = sharedTask(async (signal) => {
    found ??= { source: await findSource(options, placesLookedAt, signal) };
    const { source } = found;
    if (!source) return undefined;
    try {
      known = await source.fetchToken(signal);
      return known;
    } catch (error) {
      signal.throwIfAborted();
      throw tokenError(error, source.description);
    }
  });

  return {
    async readToken(signal) {
      if (found && !found.source) return undefined;
      if (known && known.expiresAtMs - MARGIN_MS > options.nowMs()) return known;
      return fetchToken(signal);
    },
    refuse(token) {
      if (known === token) known = undefined;
    },
    get owner() {
      return found?.source?.description;
    },
    placesLookedAt,
  };
}

/** For an emulator, which asks for none. */
export const NO_CREDENTIALS: GoogleCredentials = {
  readToken: async () => undefined,
  refuse: () => undefined,
  owner: undefined,
  placesLookedAt: [],
};

async function findSource(
  options: GoogleCredentialOptions,
  placesLookedAt: string[],
  signal: AbortSignal,
): Promise<TokenSource | undefined> {
  const { env, homeDirectory } = options;
  placesLookedAt.length = 0;
  const named = env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '';
  if (named !== '') {
    const text = await readOptional(named);
    if (text !== undefined) return openCredentialFile(named, text, options);
    throw new SlipwayError(
      'STORE_UNAUTHENTICATED',
      `\`GOOGLE_APPLICATION_CREDENTIALS\` names \`${named}\`, which can't be read`,
      {
        hint: 'Name a file that is there and may be read, or unset the variable.',
      },
    );
  }
  placesLookedAt.push('GOOGLE_APPLICATION_CREDENTIALS is not set');
  const directory = env['CLOUDSDK_CONFIG'] || join(homeDirectory, '.config', 'gcloud');
  const wellKnown = join(directory, 'application_default_credentials.json');
  const text = await readOptional(wellKnown);
  if (text !== undefined) return openCredentialFile(wellKnown, text, options);
  placesLookedAt.push(`there is no \`${wellKnown}\``);
  const account = await findMetadataAccount(env, options, signal);
  if (!account) placesLookedAt.push('no metadata server of Google answers here');
  return account;
}
