import { expect, it } from 'vitest';
import type { BuildPlace, BuildRecord } from '../../../../src/pack/types.ts';
import { joinModuleSums } from '../../../../src/trust/module-sums.ts';
import type { GoCaches } from '../../../../src/warm/caches.ts';
import { planFill } from '../../../../src/warm/fill-caches.ts';
import type { StoredState } from '../../../../src/warm/stored-state.ts';
import type { StoreContext } from '../../../../src/warm/types.ts';
import { entriesOf, packRecord } from '../../pack/snapshot-fixtures.ts';

/** A restore of one megabyte took ten seconds, before a build that takes so many when it is cold. */
function builds(place: BuildPlace, coldSeconds: number): readonly BuildRecord[] {
  const rest = { restoreSeconds: 10, restoredBytes: 1e6, ...(place === 'host' ? { place } : {}) };
  const moved = { downloadSeconds: 10, injectedBytes: 1e6, injectSeconds: 1 };
  return [
    { finishedAtMs: 2, buildSeconds: 1, ...rest, ...moved, isCold: false, restored: 'all' },
    { finishedAtMs: 1, buildSeconds: coldSeconds, ...rest, isCold: true },
  ];
}

it('a slow image build is no reason to restore for a quick command of a machine, nor the other way round', async () => {
  const pack = packRecord('one', { sizeBytes: 1e6, ages: [0] });
  const history = [...builds('builder', 500), ...builds('host', 5)];
  const state = {
    packs: [pack],
    entriesByPack: new Map([[pack.digest, entriesOf(['a'])]]),
    united: { history },
  } as unknown as StoredState;
  const context = {
    workDirectory: '/nowhere',
    options: { believes: 'all', isGuarded: true },
  } as unknown as StoreContext;
  const decide = async (buildPlace: BuildPlace) => {
    const places = [{ kind: 'gocache', id: 'x', target: '/x', name: 'gocache' }];
    const caches = { places, buildPlace, readSums: async () => joinModuleSums([]) } as unknown as GoCaches;
    return (await planFill(context, caches, state)).decision;
  };
  expect(await decide('host')).toMatchObject({ share: 'none', by: 'guard' });
  expect(await decide('builder')).toMatchObject({ share: 'all', expectedSavingSeconds: 499 });
});
