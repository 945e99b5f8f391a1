import type { Config } from '../config/load-config.ts';
import { readScopes } from '../config/read-scopes.ts';
import type { PlannedScopes } from '../config/scopes.ts';
import { chooseTrust, type TrustVerdict } from '../trust/choose-trust.ts';
import type { Environment } from '../config/options.ts';

/** What follows from the settings together with the event that started this run, or from git. */
export interface RunDecisions {
  readonly scopes: PlannedScopes;
  readonly isReadOnly: boolean;
  /** Why the run itself may not write, unless somebody asked for that anyway or lifted it. */
  readonly readOnlyReason: string | undefined;
  /** What is believed; more where snapshots have to be signed. */
  believes(isSignatureRequired: boolean): TrustVerdict;
}

export async function decideRun(config: Config, env: Environment, directory: string): Promise<RunDecisions> {
  const { settings, origins } = config;
  const isScopeOfCheckout = origins.scope.kind === 'file';
  const scopes = await readScopes({ scope: settings.scope, isScopeOfCheckout, env, directory });
  const isForced = !settings['read-only'] && mustOnlyRead(config, scopes);
  return {
    scopes,
    isReadOnly: settings['read-only'] || isForced,
    readOnlyReason: isForced ? scopes.readOnlyReason : undefined,
    believes: (isSignatureRequired) =>
      chooseTrust({ setting: settings.trust, isRelease: scopes.isRelease, isSignatureRequired }),
  };
}

/** A run that outsiders can steer only reads, unless somebody wrote `read-only: false` where they can't reach: flag or variable. */
function mustOnlyRead(config: Config, scopes: PlannedScopes): boolean {
  if (scopes.readOnlyReason === undefined) return false;
  const origin = config.origins['read-only'].kind;
  return origin === 'default' || origin === 'file';
}
