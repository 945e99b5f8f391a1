import { readFile, stat } from 'node:fs/promises';
import type { Config } from '../config/load-config.ts';
import type { RunFacts } from '../config/run-facts.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { parsePublicKey, parseSigningKeys, SIGNING_KEY_PREFIX, type SigningKey } from '../trust/key-text.ts';
import type { TrustedKey } from '../trust/trusted-key.ts';
import type { TrustSettings } from '../warm/types.ts';

export interface TrustInput {
  readonly config: Pick<Config, 'settings' | 'origins'>;
  readonly facts: Pick<RunFacts, 'repository'>;
  /** What `SLIPWAY_SIGNING_KEY` held. */
  readonly signingKeyText: string | undefined;
  /** The scope that this run writes: there it believes itself. Undefined for a run that writes none. */
  readonly writeScope: string | undefined;
  readonly logger: Logger;
}

/** Whose snapshots are believed and who signs, as configured; undefined where there are no keys at all. */
export async function readTrust(input: TrustInput): Promise<TrustSettings | undefined> {
  return planTrust(input, await readSigningKeys(input));
}

/** The pure part of `readTrust`. */
export function planTrust(
  { config: { settings }, facts, writeScope }: Omit<TrustInput, 'signingKeyText' | 'logger'>,
  signingKeys: readonly SigningKey[],
): TrustSettings | undefined {
  const listed = settings['trusted-keys'].map(
    ({ key, name, scopes }): TrustedKey => ({ ...parsePublicKey(key), name, scopes }),
  );
  // One that isn't on the list vouches for what it wrote itself, where it writes; for nothing else.
  const own = signingKeys
    .filter(({ publicKey }) => !listed.some(({ text }) => text === publicKey.text))
    .map(
      ({ publicKey }): TrustedKey => ({
        ...publicKey,
        name: undefined,
        scopes: writeScope === undefined ? [] : [writeScope],
      }),
    );
  const keys = [...listed, ...own];
  const isRequired = settings['require-signature'] ?? keys.length > 0;
  if (keys.length > 0) {
    const maxAgeMs = settings['signature-max-age'] * DAY_MS;
    const policy = { keys, repository: facts.repository ?? '', maxAgeMs };
    // `warm/check-pack.ts` holds every module against go.sum, whoever stored it.
    return { policy, isRequired, signingKeys, areModulesProven: true };
  }
  if (!isRequired) return undefined;
  throw new SlipwayError(
    'CONFIG_INVALID',
    '`require-signature` is on, but no key is trusted: nothing could be restored',
    {
      hint: 'Make a key with `slipway key new` and put its public half under `trusted-keys`.',
    },
  );
}

const DAY_MS = 24 * 3600 * 1000;

/** Of what names a private key, the nearest to the command: the flag, the variable with its text, the one with a file, the file. */
export async function readSigningKeys({
  config,
  signingKeyText,
  logger,
}: Pick<TrustInput, 'config' | 'signingKeyText' | 'logger'>): Promise<readonly SigningKey[]> {
  const file = config.settings['signing-key'];
  const isFlag = config.origins['signing-key'].kind === 'flag';
  if (signingKeyText !== undefined && !isFlag) return parseSigningKeys(signingKeyText, '`SLIPWAY_SIGNING_KEY`');
  return file === undefined ? [] : readKeyFile(file, logger);
}

/** Reads a file of private keys. Every fault is CONFIG_INVALID: a run that should sign and can't must not pass for one that did. */
export async function readKeyFile(file: string, logger: Logger): Promise<readonly SigningKey[]> {
  if (file.includes(SIGNING_KEY_PREFIX)) {
    throw new SlipwayError('CONFIG_INVALID', '`signing-key` holds a private key, where the path of its file belongs', {
      hint: 'Others can read it there: make a new key, and give it by a file or by the variable SLIPWAY_SIGNING_KEY.',
    });
  }
  let text: string;
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) logger.warning(`others can read the signing key \`${file}\`: \`chmod 600\` it`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new SlipwayError('CONFIG_INVALID', `the signing key \`${file}\` can't be read`, {
      hint: 'Name the file that `slipway key new` wrote.',
      cause: error,
    });
  }
  return parseSigningKeys(text, `\`${file}\``);
}
