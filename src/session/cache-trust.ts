import type { Config } from '../config/load-config.ts';
import { readRunFacts } from '../config/read-run-facts.ts';
import { systemClock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { signSnapshot } from '../trust/sign-snapshot.ts';
import { verifySnapshot } from '../trust/verify-snapshot.ts';
import type { SuccessorOptions } from '../warm/keep/successor.ts';
import type { TrustSettings } from '../warm/types.ts';
import type { SurveyOptions } from '../warm/survey-store.ts';
import { readTrust } from './read-trust.ts';
import type { SessionHost } from './session.ts';
import { readVersion } from './version.ts';

export interface CacheTrust {
  readonly judge: SurveyOptions['judge'];
  readonly seal: SuccessorOptions['seal'];
}

/** How those who look after stores judge signatures, and sign what they write: with the keys that a build here would use. */
export async function readCacheTrust(config: Config, host: SessionHost, logger: Logger): Promise<CacheTrust> {
  const { repository } = config.settings;
  const facts = await readRunFacts({ repository, env: host.env, directory: host.cwd, version: await readVersion() });
  const trust = await readTrust({ config, facts, signingKeyText: host.signingKey, writeScope: undefined, logger });
  return trust === undefined ? { judge: undefined, seal: undefined } : planCacheTrust(trust, systemClock.now());
}

/** The pure part of `readCacheTrust`. */
export function planCacheTrust(
  { policy, isRequired, signingKeys }: Pick<TrustSettings, 'policy' | 'isRequired' | 'signingKeys'>,
  nowMs: number,
): Required<CacheTrust> {
  return {
    judge: (manifest, snapshot) => {
      const verdict = verifySnapshot(manifest, snapshot, { policy, nowMs });
      if (verdict.state === 'untrusted') return { isSigned: false, isBelieved: !isRequired, text: verdict.reason };
      const text = verdict.signers.map(({ name, keyId }) => name ?? keyId).join(', ');
      return { isSigned: true, isBelieved: true, text };
    },
    seal: (encoded, snapshot, isSignable) => {
      if (isSignable && signingKeys.length > 0) return signSnapshot(encoded, snapshot, signingKeys);
      if (!isRequired) return encoded;
      throw new SlipwayError(
        'CONFIG_INVALID',
        'nobody would believe the snapshot that is to be written, without a signature',
        {
          hint: 'Give a trusted key by `SLIPWAY_SIGNING_KEY` or `signing-key`.',
        },
      );
    },
  };
}
