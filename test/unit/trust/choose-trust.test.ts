import { describe, expect, it } from 'vitest';
import { chooseTrust } from '../../../src/trust/choose-trust.ts';

describe('chooseTrust', () => {
  it.each([
    ['auto', false, false, 'all', false],
    ['auto', false, true, 'all', false],
    ['auto', true, false, 'modules', true],
    ['auto', true, true, 'all', false],
    ['all', true, false, 'all', false],
    ['modules', false, true, 'modules', false],
    ['modules', true, true, 'modules', false],
  ] as const)('%s, release %s, signed %s: %s', (setting, isRelease, isSignatureRequired, trust, isSaid) => {
    const verdict = chooseTrust({ setting, isRelease, isSignatureRequired });
    expect(verdict.trust).toBe(trust);
    expect(verdict.reason !== undefined).toBe(isSaid);
  });
});
