import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreSpec } from '../../src/store/store-spec.ts';
import { checkStore } from '../../src/warm/keep/check-store.ts';
import { surveyStore } from '../../src/warm/survey-store.ts';
import { countCases } from '../helpers/count-cases.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { sized } from '../helpers/suite-size.ts';
import { startWarmChild, type WarmChild } from '../helpers/warm-children.ts';

/** Reliability plan R2: many machines save into one scope at once, each as if it were alone. */
const { pushers, rounds } = sized({
  slice: { pushers: 16, rounds: 2 },
  published: { pushers: 16, rounds: 25 },
  torture: { pushers: 64, rounds: 200 },
});
const PULLERS = 4;
const { signal } = new AbortController();

let directory: string;
let registry: TestRegistry;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-pushers-'));
  registry = await startRegistry({ program: 'registry' });
});
afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Backend {
  readonly name: string;
  readonly spec: () => StoreSpec;
  /** Names of what unfinished writes leave behind. */
  readonly temporaries: () => Promise<readonly string[]>;
}

const BACKENDS: readonly Backend[] = [
  {
    name: 'a directory',
    spec: () => ({ type: 'local', dest: path.join(directory, 'store') }),
    temporaries: async () =>
      (await filesBelow(path.join(directory, 'store'))).filter(
        (name) => !/\/(?:[0-9a-f]{64}|\d+-[0-9a-f]{8}\.json)$/.test(name),
      ),
  },
  {
    name: 'a registry',
    spec: () => ({ type: 'registry', host: registry.host, repository: 'pushers' }),
    temporaries: async () => (await filesBelow(registry.dataDirectory)).filter((name) => name.includes('/_uploads/')),
  },
];

describe.each(BACKENDS)('$name', { timeout: 3_600_000 }, ({ name, spec, temporaries }) => {
  test(`${pushers} pushers, ${rounds} rounds: four pullers get exactly the union after each`, async () => {
    await using machines = startMachines(spec(), name);
    const pushed = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      const orders = machines.pushers.map((_, index) => contentsOf(round, index));
      await Promise.all(machines.pushers.map((pusher, index) => pusher.ask({ push: [orders[index]!] })));
      for (const content of orders.flat()) pushed.add(content);
      const wanted = [...pushed].sort();
      for (const { contents, warnings } of await Promise.all(machines.pullers.map((one) => one.ask({ pull: true })))) {
        expect(warnings).toEqual([]);
        expect([...contents].sort()).toEqual(wanted);
      }
      const store = openTestStore(spec());
      const check = await checkStore(store, await surveyStore(store, { signal }), { signal });
      expect(check.faults).toEqual([]);
      expect(check.snapshots).toBe(pushers * (round + 1));
      expect(await temporaries()).toEqual([]);
    }
    expect(pushed.size).toBe(pushers * rounds * 3 + rounds);
    countCases({ suite: 'R2', what: 'pushes at once, 16 at a time', cases: pushers * rounds });
    countCases({ suite: 'R2', what: 'pulls of the exact union', cases: PULLERS * rounds });
  });
});

/** Three entries of its own, and one that all pushers of a round bring. */
function contentsOf(round: number, pusher: number): readonly string[] {
  const own = Array.from({ length: 3 }, (_, index) =>
    `round ${round}, pusher ${pusher}, entry ${index} `.repeat(20 * (index + 1)),
  );
  return [...own, `round ${round}, everybody's`];
}

function startMachines(spec: StoreSpec, name: string) {
  const start =
    (role: string) =>
    (_: unknown, index: number): WarmChild => {
      const workDirectory = path.join(directory, `${name} ${role} ${index}`);
      return startWarmChild({ spec, scope: 'main', workDirectory });
    };
  const machines = {
    pushers: Array.from({ length: pushers }, start('pusher')),
    pullers: Array.from({ length: PULLERS }, start('puller')),
  };
  return {
    ...machines,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...machines.pushers, ...machines.pullers].map((machine) => machine[Symbol.asyncDispose]()));
    },
  };
}

async function filesBelow(root: string): Promise<readonly string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
