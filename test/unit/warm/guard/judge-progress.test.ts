import { describe, expect, it } from 'vitest';
import { judgeProgress, type RestoreLimits, type RestoreProgress } from '../../../../src/warm/guard/judge-progress.ts';

const LIMITS: RestoreLimits = { restoreSeconds: 10, savingSeconds: 100 };
const at = (change: Partial<RestoreProgress>): RestoreProgress => ({
  elapsedSeconds: 5,
  downloadSeconds: 4,
  bytesDone: 40e6,
  bytesTotal: 100e6,
  downloadedAtSeconds: undefined,
  ...change,
});

describe('judgeProgress', () => {
  const rows: readonly (readonly [string, RestoreLimits, RestoreProgress, string | undefined])[] = [
    ['a good rate', LIMITS, at({}), undefined],
    ['the rest takes longer than it saves', LIMITS, at({ bytesDone: 2e6 }), 'download'],
    ['the rest takes just as long', LIMITS, at({ bytesDone: 4e6, bytesTotal: 104e6 }), undefined],
    ['nothing came at all', LIMITS, at({ bytesDone: 0 }), 'download'],
    ['nothing came, but it is early', LIMITS, at({ bytesDone: 0, downloadSeconds: 2.9 }), undefined],
    [
      'a slow store, but nobody knows what it saves',
      { ...LIMITS, savingSeconds: undefined },
      at({ bytesDone: 1 }),
      undefined,
    ],
    [
      'nobody knows how long it takes, a slow store',
      { ...LIMITS, restoreSeconds: undefined },
      at({ bytesDone: 1 }),
      'download',
    ],
    ['longer than it saves', LIMITS, at({ elapsedSeconds: 101, downloadSeconds: 100, bytesDone: 99e6 }), 'restore'],
    ['unpacking is slow', LIMITS, at({ elapsedSeconds: 39, downloadedAtSeconds: 5 }), undefined],
    ['unpacking is far too slow', LIMITS, at({ elapsedSeconds: 41, downloadedAtSeconds: 5 }), 'restore'],
    [
      'unpacking is slow, but so was the download',
      LIMITS,
      at({ elapsedSeconds: 90, downloadedAtSeconds: 25 }),
      undefined,
    ],
    [
      'a small restore gets half a minute',
      { ...LIMITS, restoreSeconds: 1 },
      at({ elapsedSeconds: 29, downloadedAtSeconds: 1 }),
      undefined,
    ],
    ['but not more', { ...LIMITS, restoreSeconds: 1 }, at({ elapsedSeconds: 31, downloadedAtSeconds: 1 }), 'restore'],
    [
      'nothing to expect',
      { savingSeconds: 100, restoreSeconds: undefined },
      at({ elapsedSeconds: 90, downloadedAtSeconds: 1 }),
      undefined,
    ],
  ];

  it.each(rows)('%s', (_what, limits, progress, stop) => {
    expect(judgeProgress(limits, progress)?.stop).toBe(stop);
  });

  it('says what it saw', () => {
    expect(judgeProgress(LIMITS, at({ bytesDone: 2e6 }))?.reason).toBe(
      'at 500 kB a second the other 98.0 MB would take 3 min 16 s and save 1 min 40 s',
    );
  });
});
