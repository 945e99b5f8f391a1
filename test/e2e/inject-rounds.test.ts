import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discoverEngine } from '../../src/buildkit/discover-engine.ts';
import type { Engine, HelperBuild } from '../../src/buildkit/types.ts';
import { systemClock } from '../../src/core/clock.ts';
import { SlipwayError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { openDirStore } from '../../src/store/backends/dir/dir-store.ts';
import type { Store } from '../../src/store/port.ts';
import { fillCaches } from '../../src/warm/fill-caches.ts';
import { mountCaches } from '../../src/warm/mount-caches.ts';
import type { RestoreOutcome } from '../../src/warm/restore-outcome.ts';
import { startStopwatch } from '../../src/warm/stopwatch.ts';
import type { PlannedBuild } from '../../src/warm/types.ts';
import { planBuild } from '../../src/warm/plan-build.ts';
import { PLAIN_BUILD } from '../unit/buildkit/plain-build.ts';
import { forgePack, storeForged, type ForgedPack } from '../helpers/faulty-store.ts';
import { toolsBin } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';

const PACKS = 6;
const ENTRIES_PER_PACK = 3;
const ENTRY_BYTES = 8 << 20;

let worker: Worker;
let engine: Engine;
let directory: string;
let packs: readonly ForgedPack[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-rounds-'));
  worker = await startWorker();
  engine = await discoverEngine({
    env: { ...process.env, ...worker.env, PATH: `${toolsBin()}:${process.env['PATH']}` },
    engine: 'buildctl',
    cacheDirectory: path.join(directory, 'cache'),
    signal: new AbortController().signal,
    logger: silentLogger,
  });
  packs = await Promise.all(Array.from({ length: PACKS }, () => forgePack('gocache', outputs())));
  await storeForged(path.join(directory, 'store'), packs);
}, 300_000);
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe(`packs are injected as they come (seed ${SLICE_SEED})`, () => {
  it('in several builds, the first one before the last pack is here; the mount holds all of it', async () => {
    const { outcome, injects, packsServedAtInject, packFiles } = await restoreInto('whole');
    expect(outcome.report.state).toBe('restored');
    expect(outcome.report.entriesRestored).toBe(PACKS * ENTRIES_PER_PACK);
    expect(injects).toBeGreaterThanOrEqual(2);
    expect(packsServedAtInject[0]).toBeLessThan(PACKS);
    // BuildKit takes a file of a later round for one of an earlier round when path, size and time are the same.
    expect(packFiles).toHaveLength(PACKS);
    expect(new Set(packFiles).size).toBe(PACKS);
    expect(await restoreInto('whole')).toMatchObject({ outcome: { report: { state: 'already-warm' } }, injects: 0 });
  });

  someOf(1, (it) => {
    it('a pack that turns out to be gone is missing at the end, and nothing else', async () => {
      const gone = packs[PACKS - 1]?.bytes ?? new Uint8Array();
      const { outcome } = await restoreInto('gone', { without: sha256(gone) });
      expect(outcome.report.state).toBe('restored');
      expect(outcome.report.entriesRestored).toBe((PACKS - 1) * ENTRIES_PER_PACK);
      expect(outcome.report.warnings).toEqual([expect.stringContaining('is gone from the store')]);
    });

    it('a store that fails after the first round ends the restore with its error', async () => {
      const failing = restoreInto('failing', { failAt: PACKS });
      await expect(failing).rejects.toMatchObject({ code: 'STORE_DENIED' });
      const again = await restoreInto('failing');
      expect(again.outcome.report.state).toBe('restored');
    });
  });
});

interface Faults {
  readonly without?: string;
  /** The read of this pack, counted from 1, is denied. */
  readonly failAt?: number;
}

async function restoreInto(
  mount: string,
  faults: Faults = {},
): Promise<{ outcome: RestoreOutcome; injects: number; packsServedAtInject: number[]; packFiles: string[] }> {
  let packsRead = 0;
  let packsServed = 0;
  const packsServedAtInject: number[] = [];
  const packFiles: string[] = [];
  const watched: Engine = {
    ...engine,
    runHelper: async (build: HelperBuild, options) => {
      if (build.dockerfile.includes('inject.sh')) {
        packsServedAtInject.push(packsServed);
        packFiles.push(...(await readdir(path.join(build.context, 'packs', '0'))));
      }
      await engine.runHelper(build, options);
    },
  };
  const inner = openDirStore(path.join(directory, 'store'), systemClock);
  const store: Store = {
    ...inner,
    readBlob: async (digest, options) => {
      const isPack = packs.some(({ bytes }) => sha256(bytes) === digest);
      if (isPack) {
        if (digest === faults.without) return undefined;
        packsRead += 1;
        // The last packs come late, as over a wire.
        if (packsRead > PACKS / 2 + 1) await systemClock.sleep(3_000, options?.signal);
        if (packsRead === faults.failAt) throw new SlipwayError('STORE_DENIED', 'not this one');
        packsServed += 1;
      }
      return inner.readBlob(digest, options);
    },
  };
  const context = {
    engine: watched,
    store,
    clock: systemClock,
    logger: silentLogger,
    onEvent: () => {},
    signal: new AbortController().signal,
    workDirectory: path.join(directory, 'work', `${mount}-${randomBytes(3).toString('hex')}`),
    options: {
      scopes: { write: 'main', read: ['main'] },
      helperImage: 'busybox:1.37',
      isReadOnly: true,
      believes: 'all' as const,
      isGuarded: false,
      isStrict: false,
      cacheTimeoutSeconds: 30,
      isDryRun: false,
    },
  };
  const caches = mountCaches(context, await planned(mount));
  const outcome = await fillCaches(context, caches, { watch: startStopwatch(systemClock) });
  return { outcome, injects: packsServedAtInject.length, packsServedAtInject, packFiles };
}

function planned(mount: string): Promise<PlannedBuild> {
  const fileText = `FROM busybox:1.37
ENV GOCACHE=/go-cache
RUN --mount=type=cache,id=${mount},target=/go-cache go build ./...
`;
  return planBuild({ ...PLAIN_BUILD, context: directory, file: '-', fileText }, process.env);
}

/** Outputs that gzip can't make smaller, under their names. */
function outputs(): Map<string, Buffer> {
  return new Map(
    Array.from({ length: ENTRIES_PER_PACK }, () => {
      const body = randomBytes(ENTRY_BYTES);
      const hex = createHash('sha256').update(body).digest('hex');
      return [`${hex.slice(0, 2)}/${hex}-d`, body];
    }),
  );
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
