import { describe, expect, it } from 'vitest';
import { RestoreStopped, watchRestore } from '../../../../src/warm/guard/watch-restore.ts';
import { manualClock } from '../../../helpers/manual-clock.ts';

function start(savingSeconds: number | undefined, restoreSeconds?: number) {
  const clock = manualClock();
  const limits = { restoreSeconds, savingSeconds };
  const watch = watchRestore(clock, { limits, elapsedSeconds: () => clock.monotonic() / 1000 });
  return { clock, watch };
}

describe('watchRestore', () => {
  it('lets a good rate be', async () => {
    const { clock, watch } = start(60);
    watch.expect(100e6);
    for (let second = 0; second < 10; second += 1) {
      watch.onBytes(10e6);
      await clock.advance(1000);
    }
    watch.onDownloaded();
    await clock.advance(20_000);
    expect([watch.enough.aborted, watch.over.aborted, watch.verdict()]).toEqual([false, false, undefined]);
    watch[Symbol.dispose]();
    await clock.advance(1000);
    expect(clock.sleepers).toBe(0);
  });

  it('ends downloads soon after they turn out slow, and the rest only when it has had its time', async () => {
    const { clock, watch } = start(60);
    watch.expect(100e6);
    watch.onBytes(1e6);
    await clock.advance(2900);
    expect(watch.enough.aborted).toBe(false);
    await clock.advance(700);
    expect(watch.enough.aborted).toBe(true);
    expect(watch.over.aborted).toBe(false);
    expect(watch.verdict()?.stop).toBe('download');
    expect(watch.enough.reason).toBeInstanceOf(RestoreStopped);
    await clock.advance(57_000);
    expect(watch.over.aborted).toBe(true);
    expect(watch.verdict()?.stop).toBe('download');
    watch[Symbol.dispose]();
  });

  it('measures anew when downloads start again for less', async () => {
    const { clock, watch } = start(10);
    watch.expect(100e6);
    await clock.advance(2000);
    watch.expect(1e6);
    watch.onBytes(0.9e6);
    await clock.advance(4000);
    expect(watch.enough.aborted).toBe(false);
    watch[Symbol.dispose]();
  });

  it('stops everything when it took as long as it saves', async () => {
    const { clock, watch } = start(5);
    await clock.advance(5600);
    expect([watch.enough.aborted, watch.over.aborted]).toEqual([true, true]);
    watch[Symbol.dispose]();
  });

  it('never stops where nobody knows what is saved', async () => {
    const { clock, watch } = start(undefined, 1);
    watch.expect(1e9);
    await clock.advance(1_000_000);
    expect(watch.over.aborted).toBe(false);
    watch[Symbol.dispose]();
  });
});
