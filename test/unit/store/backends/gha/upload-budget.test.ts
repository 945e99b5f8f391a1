import { expect, it } from 'vitest';
import { uploadBudget } from '../../../../../src/store/backends/gha/upload-budget.ts';
import { manualClock } from '../../../../helpers/manual-clock.ts';

it('gives so many in any minute, and says when the next one is free', async () => {
  const clock = manualClock();
  const take = uploadBudget(clock, 3);
  take();
  await clock.advance(20_000);
  take();
  take();
  const limited = (seconds: number) =>
    expect.objectContaining({ code: 'STORE_RATE_LIMITED', retryable: true, retryAfterSeconds: seconds });
  expect(take).toThrow(limited(40));
  await clock.advance(39_500);
  expect(take).toThrow(limited(1));
  await clock.advance(500);
  take();
  expect(take).toThrow(limited(20));
  await clock.advance(60_000);
  for (let i = 0; i < 3; i += 1) take();
  expect(take).toThrow(limited(60));
});
