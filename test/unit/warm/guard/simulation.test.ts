import { describe, expect, it } from 'vitest';
import type { BuildRecord } from '../../../../src/pack/types.ts';
import { uniteHistories } from '../../../../src/pack/unite.ts';
import { judgeProgress } from '../../../../src/warm/guard/judge-progress.ts';
import { planRestore, type RestorePlan } from '../../../../src/warm/guard/plan-restore.ts';

/** A project, its store and its workers, as they really are; the guard only sees what builds record. */
interface World {
  readonly coldSeconds: number;
  readonly warmSeconds: number;
  readonly modulesSeconds: number;
  readonly goBytes: number;
  readonly modBytes: number;
  /** Bytes a second from the store, and through unpacking. */
  readonly rate: number;
  readonly injectRate: number;
  readonly overheadSeconds: number;
  /** How much everything varies from build to build. */
  readonly noise: number;
}

interface Played {
  readonly guarded: number;
  readonly cold: number;
  readonly always: number;
  /** Most seconds that one build took longer than a cold one would have, beyond what the restore might cost. */
  readonly worstBeyondLimit: number;
  readonly tries: number;
}

const BUILDS = 40;
const TICK = 0.5;
/** Reading the snapshots, which is done before anything is decided. */
const READ_SECONDS = 0.2;

/** mulberry32: the same numbers for the same seed everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function makeWorld(next: () => number): World {
  const between = (low: number, high: number): number => low * (high / low) ** next();
  const coldSeconds = between(4, 600);
  const goBytes = coldSeconds * between(0.2e6, 3e6);
  const warmSeconds = coldSeconds * between(0.03, 1.1);
  return {
    coldSeconds,
    warmSeconds,
    modulesSeconds: Math.max(warmSeconds, coldSeconds * (1 - 0.5 * next())),
    goBytes,
    modBytes: goBytes * between(0.01, 1),
    rate: between(0.2e6, 200e6),
    injectRate: between(3e6, 150e6),
    overheadSeconds: between(0.5, 8),
    noise: next() * 0.5,
  };
}

interface Restored {
  readonly seconds: number;
  readonly isWhole: boolean;
  readonly record: Partial<BuildRecord>;
}

/** Plays one restore second by second, with the real judge looking on. */
function restore(world: World, plan: RestorePlan, vary: () => number): Restored {
  if (plan.share === 'none')
    return { seconds: READ_SECONDS, isWhole: false, record: { restored: 'none', restoredBytes: 0 } };
  const bytes = plan.bytes.toMove;
  const [rate, injectRate] = [world.rate * vary(), world.injectRate * vary()];
  const overhead = world.overheadSeconds * vary();
  const [downloadSeconds, injectSeconds] = [bytes / rate, bytes / injectRate];
  const end = overhead + Math.max(downloadSeconds, injectSeconds);
  for (let now = 0; now < end; now += TICK) {
    const downloaded = Math.max(0, now - overhead / 2);
    const stop = judgeProgress(plan, {
      elapsedSeconds: now,
      downloadSeconds: downloaded,
      bytesDone: Math.min(bytes, downloaded * rate),
      bytesTotal: bytes,
      downloadedAtSeconds: downloaded >= downloadSeconds ? overhead / 2 + downloadSeconds : undefined,
    });
    if (stop === undefined) continue;
    const moved = Math.min(bytes, downloaded * rate);
    const record = { restored: 'part', restoredBytes: moved, downloadSeconds: Math.max(0.001, downloaded) } as const;
    const injected = { injectedBytes: moved, injectSeconds: moved / injectRate };
    return { seconds: now, isWhole: false, record: moved > 0 ? { ...record, ...injected } : record };
  }
  const measured = { downloadSeconds, injectedBytes: bytes, injectSeconds, restoredBytes: bytes };
  return { seconds: end, isWhole: true, record: { restored: plan.share, ...measured } };
}

function play(seed: number): Played {
  const next = random(seed);
  const world = makeWorld(next);
  const vary = (): number => Math.exp((next() + next() + next() - 1.5) * world.noise);
  const sizes = (bytes: number) => ({ toMove: bytes, toInject: bytes });
  const bytes = { gocache: sizes(world.goBytes), gomodcache: sizes(world.modBytes) };
  let history: readonly BuildRecord[] = [
    {
      finishedAtMs: 0,
      buildSeconds: world.coldSeconds * vary(),
      restoreSeconds: 0,
      restoredBytes: 0,
      isCold: true,
      restored: 'none',
    },
  ];
  const sums = { guarded: 0, cold: 0, always: 0, worstBeyondLimit: -Infinity, tries: 0 };
  for (let build = 1; build <= BUILDS; build += 1) {
    const plan = planRestore({ bytes, trust: 'all', isGuarded: true, history });
    const cold = world.coldSeconds * vary();
    const restored = restore(world, plan, vary);
    // What came before a stop counts as nothing.
    const warm = plan.share === 'all' ? world.warmSeconds : world.modulesSeconds;
    const buildSeconds = restored.isWhole ? warm * vary() : cold;
    const limit = plan.share === 'none' ? READ_SECONDS : (plan.savingSeconds ?? Infinity);
    sums.guarded += restored.seconds + buildSeconds;
    sums.cold += cold;
    const total = world.goBytes + world.modBytes;
    sums.always += world.overheadSeconds + Math.max(total / world.rate, total / world.injectRate) + world.warmSeconds;
    sums.worstBeyondLimit = Math.max(sums.worstBeyondLimit, restored.seconds - limit);
    if (plan.share !== 'none') sums.tries += 1;
    history = uniteHistories([
      ...history,
      {
        finishedAtMs: build,
        buildSeconds,
        restoreSeconds: restored.seconds,
        restoredBytes: 0,
        isCold: plan.share === 'none',
        ...restored.record,
      },
    ]);
  }
  return sums;
}

const WORLDS = 600;

describe(`${WORLDS} random worlds of ${BUILDS} builds`, () => {
  const played = Array.from({ length: WORLDS }, (_, seed) => play(seed + 1));
  const paying = played.filter(({ always, cold }) => always < cold * 0.9);
  const losing = played.filter(({ always, cold }) => always > cold * 1.1);

  it('are of both kinds', () => {
    expect(paying.length).toBeGreaterThan(150);
    expect(losing.length).toBeGreaterThan(150);
  });

  it('no restore takes longer than it was to save', () => {
    for (const { worstBeyondLimit } of played) expect(worstBeyondLimit).toBeLessThanOrEqual(TICK);
  });

  it('where the cache never pays, builds are a few per cent slower than without it, not many times', () => {
    const excess = losing.map(({ guarded, cold }) => guarded / cold - 1).sort((a, b) => a - b);
    const mean = excess.reduce((sum, each) => sum + each, 0) / excess.length;
    expect(mean).toBeLessThan(0.05);
    expect(excess.at(-1)).toBeLessThan(0.35);
    const always = losing.reduce((sum, { always: all, cold }) => sum + all / cold, 0) / losing.length;
    expect(always).toBeGreaterThan(2);
  });

  it('where it pays, nearly all of what it saves is still saved', () => {
    const saved = paying.reduce((sum, { guarded, cold }) => sum + (cold - guarded), 0);
    const possible = paying.reduce((sum, { always, cold }) => sum + (cold - always), 0);
    expect(saved / possible).toBeGreaterThan(0.9);
  });

  it('over all worlds it beats both never and always', () => {
    const sum = (key: 'guarded' | 'cold' | 'always'): number => played.reduce((all, each) => all + each[key], 0);
    expect(sum('guarded')).toBeLessThan(sum('cold'));
    expect(sum('guarded')).toBeLessThan(sum('always'));
  });
});
