import { describe, expect, it } from 'vitest';
import {
  collectFaults,
  collectPointless,
  describeFaults,
  restoreOutputs,
  restoreSummary,
  type Result,
} from '../../../src/action/results.ts';
import { readFault } from '../../../src/action/run-slipway.ts';
import { foldAnnotations } from '../../../src/action/run-lint.ts';
import type { RestoreReport } from '../../../src/warm/types.ts';

function restored(image: string, more: Partial<RestoreReport> = {}): Result<RestoreReport> {
  const report: RestoreReport = {
    state: 'restored',
    snapshots: [],
    packsMoved: 2,
    bytesMoved: 27_000_000,
    entriesRestored: 5334,
    seconds: 4.25,
    phases: {},
    warnings: [],
    ...more,
  };
  return { image, report, fault: undefined };
}

describe('outputs', () => {
  it('are sums over all images; a hit is one of each', () => {
    expect(restoreOutputs([restored('a'), restored('b', { state: 'already-warm', bytesMoved: 0 })])).toMatchObject({
      hit: 'true',
      'restored-bytes': '27000000',
      'restored-entries': '10668',
      'restore-seconds': '8.5',
    });
  });

  it.each(['nothing-stored', 'failed', 'skipped', 'no-mounts'] as const)(
    'have no hit where an image is %s',
    (state) => {
      expect(restoreOutputs([restored('a'), restored('b', { state })])['hit']).toBe('false');
    },
  );

  it('say what a restore saves where builds of both kinds are on record for each image', () => {
    const known = restored('a', { onRecord: { coldSeconds: 100, warmSeconds: 20 } });
    const dear = restored('b', { onRecord: { coldSeconds: 5, warmSeconds: 4 }, seconds: 10 });
    expect(restoreOutputs([known])['saved-seconds']).toBe('75.8');
    expect(restoreOutputs([known, dear])['saved-seconds']).toBe('66.8');
    expect(restoreOutputs([dear])['saved-seconds']).toBe('-9.0');
    expect(restoreOutputs([known, restored('b')])['saved-seconds']).toBe('');
    expect(restoreOutputs([])['saved-seconds']).toBe('');
    expect(restoreSummary([known], 'x')).toContain('\nBy the builds on record this saves 75.8 s.\n');
    expect(restoreSummary([dear], 'x')).toContain('\nBy the builds on record this costs 9.0 s more than it saves.\n');
    expect(restoreSummary([restored('b')], 'x')).not.toContain('on record');
  });

  it('have no hit for nothing', () => {
    expect(restoreOutputs([])).toMatchObject({ hit: 'false', 'restored-bytes': '0', report: '[]' });
  });
});

describe('faults', () => {
  const missing = { message: 'no Dockerfile at `x`', code: 'DOCKERFILE_MISSING', hint: 'Write one.' };

  it('are told once, with all images that met them and what to write', () => {
    const failed = { state: 'failed', reason: 'the store is dead', hint: 'start it' } as const;
    const faults = collectFaults([
      restored('a', failed),
      restored('b', failed),
      restored('c'),
      { image: 'd', report: undefined, fault: missing },
    ]);
    expect(describeFaults('restored', faults).split('\n')).toEqual([
      'Not restored, so the build runs without the cache.',
      'a; b: the store is dead. Start it.',
      'd: no Dockerfile at `x`. Correct `context` or `file`, or put a step with `actions/checkout` before this one.',
    ]);
  });

  it('speak of inputs and not of flags', () => {
    const wrong = { message: "`--platform` can't be `--x`", code: 'USAGE', hint: 'write `--trusted-keys`, not `-f`' };
    expect(collectFaults([{ image: 'a', report: undefined, fault: wrong }])).toEqual([
      { text: "`platforms` can't be `--x`. Write `trusted-keys`, not `file`.", images: ['a'] },
    ]);
  });

  it('are no Go mounts too, but only where no image has any', () => {
    const none = { state: 'no-mounts', reason: 'the build has no cache mounts for Go', hint: 'add one' } as const;
    expect(collectPointless([restored('a', none), restored('b')])).toEqual([]);
    expect(collectPointless([])).toEqual([]);
    expect(collectPointless([restored('a', none), restored('b', none)])).toEqual([
      { text: 'the build has no cache mounts for Go. Add one.', images: ['a', 'b'] },
    ]);
  });

  it('are read from how slipway ends', () => {
    const lines = ['slipway: restore …', 'slipway: error: no such thing [USAGE]', 'slipway: hint: Write another.'];
    expect(readFault(lines)).toEqual({ message: 'no such thing', code: 'USAGE', hint: 'Write another.' });
    expect(readFault(lines.slice(0, 2))).toMatchObject({ hint: undefined });
    expect(readFault(['slipway: warning: the store is slow'])).toBeUndefined();
  });
});

it('the summary keeps names and answers out of its markup', () => {
  const evil = restored('a|b\n<img src=x>', { reason: '[x](http://e) `y` @team' });
  const lines = restoreSummary([evil], 'a*b').split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[4]).not.toMatch(/<|\[|`|@/);
  expect(lines[4]?.split('|')).toHaveLength(7);
});

it('ten annotations of each level are shown, and the others counted', () => {
  const lines = ['error', 'notice'].flatMap((level) => Array.from({ length: 12 }, (_, n) => `::${level} file=f::${n}`));
  const { shown, rest } = foldAnnotations(lines);
  expect(shown).toHaveLength(20);
  expect(rest).toBe(4);
});
