import { expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Store } from '../../../src/store/port.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { readAhead } from '../../../src/warm/read-ahead.ts';
import type { StoreContext } from '../../../src/warm/types.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { warmContext } from '../../helpers/warm-context.ts';

const MOUNTED = 'FROM golang:1.26\nRUN --mount=type=cache,target=/root/.cache/go-build go build .\n';

const planned = (fileText: string, more = {}) => planBuild({ ...PLAIN_BUILD, ...more, file: '-', fileText }, {});

function contextOf(store: Partial<Store>): StoreContext {
  return warmContext({
    store: { ...createMemoryStore(), ...store },
    clock: systemClock,
    workDirectory: '/nowhere',
    options: { isGuarded: true, isStrict: false },
  });
}

it('reads nothing for a build that nothing is restored for', async () => {
  const listSnapshots = (): never => {
    throw new Error('nobody asked for this');
  };
  const context = contextOf({ listSnapshots });
  expect(readAhead(context, await planned('FROM golang:1.26\nRUN go build .\n'))).toBeUndefined();
  expect(readAhead(context, await planned(MOUNTED, { noCache: true }))).toBeUndefined();
  const refusing = contextOf({ listSnapshots, refusal: { read: 'not in this job' } });
  expect(readAhead(refusing, await planned(MOUNTED))).toBeUndefined();
});

it('leaves a fault of the store to the restore that waits for it', async () => {
  const context = contextOf({ listSnapshots: () => Promise.reject(new Error('the store is down')) });
  await using reading = readAhead(context, await planned(MOUNTED));
  await systemClock.sleep(10);
  await expect(reading?.stored).rejects.toThrow('the store is down');
});
