import { expect, it } from 'vitest';
import { startStopwatch } from '../../../src/warm/stopwatch.ts';
import { manualClock } from '../../helpers/manual-clock.ts';

it('what is done at once counts once, what is done one after another adds up', async () => {
  const clock = manualClock();
  const watch = startStopwatch(clock);
  const [long, short] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = watch.time('download', () => long.promise);
  await clock.advance(1000);
  const second = watch.time('download', () => short.promise);
  await clock.advance(2000);
  short.resolve();
  await second;
  expect(watch.phases).toEqual({});
  await clock.advance(3000);
  long.resolve();
  await first;
  expect(watch.phases).toEqual({ download: 6 });
  await clock.advance(500);
  await watch.time('download', () => clock.advance(4000));
  await expect(watch.time('inject', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(watch.phases).toEqual({ download: 10, inject: 0 });
  expect(watch.seconds()).toBe(10.5);
});
