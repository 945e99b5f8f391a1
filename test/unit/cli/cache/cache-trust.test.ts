import { expect, it } from 'vitest';
import { planCacheTrust } from '../../../../src/session/cache-trust.ts';
import { encodeSnapshot } from '../../../../src/pack/snapshot.ts';
import { newSigningKey } from '../../../../src/trust/key-text.ts';
import { applyGarbage } from '../../../../src/warm/keep/apply-garbage.ts';
import { planGarbage } from '../../../../src/warm/keep/plan-garbage.ts';
import { surveyStore } from '../../../../src/warm/survey-store.ts';
import { DAY, makePack, newWorld, saveSnapshot } from '../../../helpers/kept-world.ts';

const { signal } = new AbortController();
const { key } = newSigningKey();
const policy = {
  keys: [{ ...key.publicKey, name: 'ann', scopes: undefined }],
  repository: 'example.com/app',
  maxAgeMs: 30 * DAY,
};

/** Two snapshots over the cap, unsigned; the verb would write a third. */
async function cutDown(trust: { isRequired: boolean; hasKey: boolean }) {
  const world = newWorld();
  const { judge, seal } = planCacheTrust(
    { policy, isRequired: trust.isRequired, signingKeys: trust.hasKey ? [key] : [] },
    world.nowMs,
  );
  const [living, old] = [await makePack('living'), await makePack('old')];
  const facts = { repository: 'example.com/app' };
  await saveSnapshot(world, { scope: 'main', sequence: 1, packs: [living, old], ages: [0, 9], facts });
  const survey = await surveyStore(world.store, { signal, judge });
  const policyOf = { graceMs: DAY, maxScopeBytes: 1, keepNewest: 0 };
  const plan = planGarbage(survey, policyOf, world.nowMs);
  const done = await applyGarbage(world.store, { survey, plan, graceMs: DAY, nowMs: world.nowMs, signal, seal });
  return { world, judge, seal, survey, done };
}

it('says of each snapshot what its signature is worth', async () => {
  const { survey } = await cutDown({ isRequired: false, hasKey: false });
  expect(survey.snapshots[0]?.trust).toEqual({ isSigned: false, isBelieved: true, text: 'it is not signed' });
  const { survey: strict } = await cutDown({ isRequired: true, hasKey: false });
  expect(strict.snapshots[0]?.trust).toMatchObject({ isSigned: false, isBelieved: false });
});

it('writes nothing that is made of snapshots nobody would believe', async () => {
  expect((await cutDown({ isRequired: true, hasKey: true })).done.written).toEqual([]);
});

it('never signs what is made of unsigned snapshots', async () => {
  const { world, judge, done } = await cutDown({ isRequired: false, hasKey: true });
  expect(done.written).toHaveLength(1);
  const { snapshots } = await surveyStore(world.store, { signal, judge });
  expect(snapshots.map(({ trust }) => trust?.isSigned)).toEqual([false, false]);
});

it('signs what is made of signed ones, and refuses where it should and has no key', async () => {
  const { world, seal, survey } = await cutDown({ isRequired: false, hasKey: true });
  const { snapshot } = survey.snapshots[0]!;

  const plain = encodeSnapshot(snapshot!);
  const sealed = seal!(plain, snapshot!, true);
  const { judge, seal: keyless } = planCacheTrust({ policy, isRequired: true, signingKeys: [] }, world.nowMs);
  expect(judge!(sealed.manifest, snapshot!)).toEqual({ isSigned: true, isBelieved: true, text: 'ann' });
  expect(() => keyless!(plain, snapshot!, true)).toThrow('nobody would believe');
});
