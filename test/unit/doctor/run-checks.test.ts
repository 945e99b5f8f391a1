import { expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { runChecks } from '../../../src/doctor/run-checks.ts';
import { withBuilder } from '../../../src/doctor/needs-builder.ts';
import type { Check, DoctorContext } from '../../../src/doctor/types.ts';

function contextOf(changes: Partial<DoctorContext> = {}): DoctorContext {
  const none = (): Promise<never> => Promise.reject(new SlipwayError('ENGINE_MISSING', 'no BuildKit found'));
  return {
    env: {},
    homeDirectory: '/nowhere',
    cacheDirectory: '/nowhere',
    clock: systemClock,
    logger: silentLogger,
    signal: new AbortController().signal,
    engine: none,
    builder: none,
    probe: none,
    configuration: { file: undefined, problem: undefined, warnings: [], isStoreDefault: true, isCi: false },
    stores: [],
    scope: 'main',
    whyPrivate: async () => undefined,
    allowsPublic: false,
    habits: async () => [],
    ...changes,
  };
}

function check(id: string, run: Check['run']): Check {
  return { id, looksAt: id, run };
}

const SHORT = { seconds: 0.1, graceSeconds: 0.1 };
const never = (): Promise<never> => new Promise(() => undefined);

it('one check that fails and one that hangs keep no other from its finding, and the order is that of the checks', async () => {
  const startedAt = performance.now();
  const findings = await runChecks(
    [
      check('hangs', never),
      check('fails', () => Promise.reject(new SlipwayError('STORE_FAILED', 'broken', { hint: 'Mend it.' }))),
      check('crashes', () => Promise.reject(new TypeError('x is undefined'))),
      check('works', async () => [{ level: 'ok', says: 'well' }]),
    ],
    contextOf(),
    SHORT,
  );
  expect(performance.now() - startedAt).toBeLessThan(3000);
  expect(findings).toEqual([
    {
      check: 'hangs',
      level: 'error',
      says: 'no answer within 0.1 seconds',
      mend: 'slipway doctor --check hangs --debug',
    },
    { check: 'fails', level: 'error', says: 'could not be looked at: broken. Mend it.' },
    { check: 'crashes', level: 'error', says: 'could not be looked at: x is undefined' },
    { check: 'works', level: 'ok', says: 'well' },
  ]);
});

it('what needs the builder says so, whether there is none or it hangs, and keeps what it knows besides', async () => {
  const asks = (context: DoctorContext, ask: () => Promise<unknown>): Promise<readonly unknown[]> =>
    withBuilder(context, ask, () => [{ level: 'ok', says: 'seen' }]);
  const both = check('both', async (context) => [
    { level: 'ok', says: 'known' },
    ...((await asks(context, context.builder)) as never[]),
  ]);
  const none = check('none', (context) => asks(context, context.engine) as Promise<never[]>);
  const findings = await runChecks([both, none], contextOf({ builder: never }), SHORT);
  expect(findings.map(({ check, level, says }) => [check, level, says.slice(0, 14)])).toEqual([
    ['both', 'ok', 'known'],
    ['both', 'info', 'not looked at:'],
    ['none', 'info', 'not looked at:'],
  ]);
});

it('an interrupt ends all of them with its reason', async () => {
  const abort = new AbortController();
  const running = runChecks([check('hangs', never)], contextOf({ signal: abort.signal }), { ...SHORT, seconds: 30 });
  abort.abort(new SlipwayError('INTERRUPTED', 'interrupted by SIGINT'));
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

it('a check that is interrupted has a moment to take away what it made', async () => {
  const abort = new AbortController();
  let isTakenAway = false;
  const makes = check('makes', async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    isTakenAway = true;
    return [];
  });
  const running = runChecks([makes], contextOf({ signal: abort.signal }), { seconds: 30, graceSeconds: 2 });
  abort.abort(new SlipwayError('INTERRUPTED', 'interrupted by SIGINT'));
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(isTakenAway).toBe(true);
});
