import { expect, test } from 'vitest';
import { SlipwayError } from '../../../../src/core/errors.ts';
import { planRetry } from '../../../../src/store/decorators/retry-policy.ts';

const fault = (retryAfterSeconds?: number): SlipwayError =>
  new SlipwayError('STORE_FAILED', 'x', {
    retryable: true,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

test.each([
  ['first, no jitter to either side', fault(), 1, 0, 0.5, { seconds: 0.5, isAsked: false }],
  ['second', fault(), 2, 0, 0.5, { seconds: 1, isAsked: false }],
  ['least jitter', fault(), 1, 0, 0, { seconds: 0.375, isAsked: false }],
  ['most jitter', fault(), 1, 0, 1, { seconds: 0.625, isAsked: false }],
  ['third was the last', fault(), 3, 0, 0.5, undefined],
  ['asked for 7 s', fault(7), 1, 0, 0.5, { seconds: 7, isAsked: true }],
  ['asked for 0 s', fault(0), 1, 0, 0.5, { seconds: 0, isAsked: true }],
  ['asked for 30 s', fault(30), 1, 0, 0.5, { seconds: 30, isAsked: true }],
  ['asked for 31 s', fault(31), 1, 0, 0.5, undefined],
  ['asked twice for 20 s', fault(20), 2, 20, 0.5, undefined],
  ['not to be repeated', new SlipwayError('STORE_DENIED', 'x'), 1, 0, 0.5, undefined],
  ['no error of ours', new Error('x'), 1, 0, 0.5, undefined],
])('%s', (_, error, attempts, askedSeconds, random, expected) => {
  expect(planRetry(error, { attempts, askedSeconds, random })).toEqual(expected);
});
