import { describe, expect, it } from 'vitest';
import type { BuildRecord, RestoredShare } from '../../../../src/pack/types.ts';
import { planRestore, type RestorePlan, type RestoreQuestion } from '../../../../src/warm/guard/plan-restore.ts';
import { readEvidence } from '../../../../src/warm/guard/read-evidence.ts';

const MB = 1e6;
let clock = 1e6;

/** A record of a restore that moved and unpacked so many bytes at these rates, a second of overhead on top. */
function record(
  restored: RestoredShare,
  buildSeconds: number,
  way?: { bytes: number; rate: number; injectRate?: number },
): BuildRecord {
  const isCold = restored === 'none';
  const base = { finishedAtMs: (clock -= 1), buildSeconds, isCold, restored };
  if (way === undefined) return { ...base, restoreSeconds: 0, restoredBytes: 0 };
  const [downloadSeconds, injectSeconds] = [way.bytes / way.rate, way.bytes / (way.injectRate ?? 50 * MB)];
  return {
    ...base,
    restoreSeconds: 1 + Math.max(downloadSeconds, injectSeconds),
    restoredBytes: way.bytes,
    downloadSeconds,
    injectedBytes: way.bytes,
    injectSeconds,
  };
}

const cold = (seconds: number): BuildRecord => record('none', seconds);
const full = (seconds: number, bytes: number, rate: number): BuildRecord => record('all', seconds, { bytes, rate });

function ask(change: Partial<RestoreQuestion> & { go?: number; mod?: number; here?: boolean }): RestorePlan {
  const { go = 290 * MB, mod = 27 * MB, here = false, ...rest } = change;
  const size = (bytes: number) => ({ toMove: here ? 0 : bytes, toInject: bytes });
  const bytes = { gocache: size(go), gomodcache: size(mod) };
  return planRestore({ bytes, trust: 'all', isGuarded: true, history: [], ...rest });
}

const LARGE = 317 * MB;

describe('planRestore', () => {
  const rows: readonly (readonly [string, Parameters<typeof ask>[0], RestorePlan['share'], RestorePlan['by']])[] = [
    ['nothing on record', {}, 'all', 'default'],
    ['nothing stored', { go: 0, mod: 0 }, 'none', 'default'],
    ['only a cold build on record', { history: [cold(223)] }, 'all', 'default'],
    ['a fast store', { history: [full(10, LARGE, 60 * MB), cold(223)] }, 'all', 'default'],
    ['a slow store', { history: [full(10, LARGE, 1 * MB), cold(223)] }, 'modules', 'guard'],
    ['a very slow store', { history: [full(10, LARGE, 0.3 * MB), cold(223)] }, 'none', 'guard'],
    [
      'a slow store, all packs here already',
      { here: true, history: [full(10, LARGE, 1 * MB), cold(223)] },
      'all',
      'default',
    ],
    [
      'a slow store, and no guard',
      { isGuarded: false, history: [full(10, LARGE, 0.3 * MB), cold(223)] },
      'all',
      'default',
    ],
    ['a small program', { go: 20 * MB, mod: 0, history: [full(3, 20 * MB, 5 * MB), cold(6)] }, 'none', 'guard'],
    [
      'a small program, near store',
      { go: 20 * MB, mod: 0, history: [full(3, 20 * MB, 50 * MB), cold(6)] },
      'all',
      'default',
    ],
    ['a warm build that is no faster', { history: [full(30, LARGE, 60 * MB), cold(29)] }, 'none', 'guard'],
    [
      'modules that were measured and do little',
      { history: [record('modules', 222), full(10, LARGE, 1 * MB), cold(223)] },
      'none',
      'guard',
    ],
    [
      'modules that were measured and do much',
      { history: [record('modules', 60), full(10, LARGE, 2 * MB), cold(223)] },
      'modules',
      'guard',
    ],
    [
      'only modules are believed',
      { trust: 'modules', history: [full(10, LARGE, 60 * MB), cold(223)] },
      'modules',
      'trust',
    ],
    ['only modules are believed, none stored', { trust: 'modules', mod: 0 }, 'none', 'trust'],
    [
      'only modules are believed, from a store too slow even for them',
      { trust: 'modules', history: [full(10, LARGE, 0.1 * MB), cold(223)] },
      'none',
      'guard',
    ],
    [
      'only modules are believed and measured as useless',
      { trust: 'modules', history: [record('modules', 223), full(10, LARGE, 9 * MB), cold(223)] },
      'none',
      'guard',
    ],
    ['only modules are stored', { go: 0, history: [full(10, 27 * MB, 9 * MB), cold(60)] }, 'all', 'default'],
    ['only modules are stored, far away', { go: 0, history: [full(10, 27 * MB, 0.3 * MB), cold(60)] }, 'none', 'guard'],
    ['only a small increment was measured', { history: [full(10, 0.2 * MB, 0.3 * MB), cold(223)] }, 'all', 'default'],
  ];

  it.each(rows)('%s', (_what, question, share, by) => {
    const plan = ask(question);
    expect([plan.share, plan.by]).toEqual([share, by]);
    if (by === 'guard') expect(plan.reason).toMatch(/^restoring .* is expected to take .* and to save .* s/);
    if (share === 'all') expect(plan.reason).toBeUndefined();
    if (question.isGuarded === false) expect(plan.savingSeconds).toBeUndefined();
  });

  it('says both figures', () => {
    expect(ask({ history: [full(10, LARGE, 0.3 * MB), cold(223)] }).reason).toBe(
      'restoring 317 MB is expected to take 17 min 38 s and to save 3 min 33 s',
    );
  });

  it('tries again when ten builds in a row restored nothing', () => {
    const slow = full(10, LARGE, 0.3 * MB);
    const skipped = (count: number) => Array.from({ length: count }, () => cold(223));
    expect(ask({ history: [...skipped(9), slow] }).share).toBe('none');
    expect(ask({ history: [...skipped(10), slow] })).toMatchObject({ share: 'all', by: 'default', savingSeconds: 213 });
  });

  it('believes old records, which know no rates, in nothing but their seconds', () => {
    const old: BuildRecord = {
      finishedAtMs: 5,
      buildSeconds: 9,
      restoreSeconds: 500,
      restoredBytes: LARGE,
      isCold: false,
    };
    const plan = ask({
      history: [old, { ...old, buildSeconds: 223, restoreSeconds: 0, restoredBytes: 0, isCold: true }],
    });
    expect(plan).toMatchObject({ share: 'all', restoreSeconds: undefined });
    expect(plan.savingSeconds).toBeCloseTo(223 * 0.7);
  });
});

describe('restores that were stopped', () => {
  const stopped = (seconds: number, moved: number): BuildRecord => ({
    ...record('part', 223, { bytes: moved, rate: moved / seconds }),
    restoreSeconds: seconds,
  });

  it('are not tried again at once: a rate that was measured for some seconds counts, however few bytes came', () => {
    expect(ask({ history: [stopped(4, 1 * MB), cold(223)] })).toMatchObject({ share: 'none', by: 'guard' });
  });

  it('say at least how long they took, where nothing else is known', () => {
    const silent: BuildRecord = {
      finishedAtMs: 1,
      buildSeconds: 223,
      restoreSeconds: 200,
      restoredBytes: 0,
      isCold: false,
      restored: 'part',
    };
    expect(ask({ history: [silent, cold(223)] })).toMatchObject({ share: 'none', restoreSeconds: 200 });
  });
});

describe('readEvidence', () => {
  it('takes medians, so that one slow day decides nothing', () => {
    const history = [
      full(10, LARGE, 60 * MB),
      full(90, LARGE, 0.1 * MB),
      full(11, LARGE, 50 * MB),
      cold(223),
      cold(2000),
      cold(220),
    ];
    const evidence = readEvidence(history);
    expect(evidence).toMatchObject({ coldSeconds: 223, warmSeconds: 11 });
    expect(evidence.restoreSeconds({ toMove: LARGE, toInject: LARGE })).toBeCloseTo(1 + LARGE / (50 * MB), 1);
  });

  it('takes the slower of download and unpacking', () => {
    const history = [record('all', 10, { bytes: LARGE, rate: 100 * MB, injectRate: 10 * MB })];
    const evidence = readEvidence(history);
    expect(evidence.restoreSeconds({ toMove: LARGE, toInject: LARGE })).toBeCloseTo(32.7);
    expect(evidence.restoreSeconds({ toMove: 0, toInject: LARGE })).toBeCloseTo(32.7);
    expect(readEvidence([]).restoreSeconds({ toMove: 0, toInject: LARGE })).toBeUndefined();
  });
});
