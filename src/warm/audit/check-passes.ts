import { SlipwayError } from '../../core/errors.ts';
import type { Evidence } from './judge.ts';
import type { PassResult } from './run-pass.ts';

/** A build that takes nothing of what was restored doesn't show whether it is right; one that failed may have. */
export function checkUsed(warm: PassResult, used: number): void {
  if (warm.tree !== undefined && used === 0) {
    throw impossible(
      'the build used nothing of what was restored',
      'is the cache of another Go version, platform or target?',
    );
  }
}

/** A cold build that failed, or that has nothing in common with what was restored, proves nothing. */
export function checkCold(cold: PassResult, compared: number): asserts cold is PassResult & Evidence['cold'] {
  if (cold.tree === undefined) throw impossible(`the cold build failed: ${lastWords(cold)}`, 'mend the build first');
  if (compared === 0) {
    throw impossible(
      'the cold build did no action that was restored',
      'does each build of this Dockerfile do another thing?',
    );
  }
}

/** Where all is the same, Go's own check has to have taken place. */
export function checkVerified(verify: PassResult, verified: number): void {
  if (verify.build.exitCode !== 0) {
    throw impossible(`the build failed under Go's own check: ${lastWords(verify)}`, 'see its log above');
  }
  if (verified === 0) {
    throw impossible(
      'Go checked nothing under GODEBUG=gocacheverify=1',
      'do the steps that compile set GODEBUG or clear their environment?',
    );
  }
}

function lastWords({ build }: PassResult): string {
  return build.messages.filter((line) => /error/i.test(line)).at(-1) ?? `exit code ${build.exitCode}`;
}

/** The error of an audit that can't say anything. */
export function impossible(reason: string, hint: string): SlipwayError {
  return new SlipwayError('AUDIT_IMPOSSIBLE', `the cache could not be audited: ${reason}`, { hint });
}
