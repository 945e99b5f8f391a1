import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatCacheMountFlag, formatMountKey } from '../../../src/buildkit/mount-flag.ts';
import type { MountIdentity } from '../../../src/dockerfile/types.ts';
import { askBuildKit } from '../dockerfile/oracle.ts';

/** The key that BuildKit itself gives the mount of a step with this flag. */
async function readKeys(identities: readonly MountIdentity[], escape = '\\') {
  const answers = await askBuildKit(
    identities.map((identity) => ({
      text: `# escape=${escape}\nFROM busybox\nRUN ${formatCacheMountFlag(identity, '/slipway/mounts/0', escape)} ["true"]\n`,
      evaluate: true,
    })),
  );
  return answers.map(({ error, graph }) => error?.message ?? graph?.runs[0]?.caches[0]);
}

const FIXED: readonly Partial<MountIdentity>[] = [
  { id: '/go-cache' },
  { id: 'a,b' },
  { id: 'a "quoted" b' },
  { id: "it's" },
  { id: '$HOME' },
  { id: '${HOME:-x}' },
  { id: 'back\\slash' },
  { id: '\\' },
  { id: '"' },
  { id: '""' },
  { id: ',' },
  { id: 'a=b' },
  { id: Buffer.from('äöü €').toString('latin1') },
  { id: '<<EOF' },
  { id: '#no comment' },
  { id: 'a;b|c&d' },
];

it.each(FIXED)('BuildKit reads %j as it was meant', async (identity) => {
  const [key] = await readKeys([{ namespace: '', ...identity } as MountIdentity]);
  expect(key).toMatchObject({ id: `/${identity.id}`, target: '/slipway/mounts/0' });
});

it.each(['\\', '`'])('BuildKit reads every identity as it was meant, with the escape character %s', async (escape) => {
  const text = fc.string({ unit: fc.constantFrom(...'ab/,"\'`$\\{}= :;#|&*~!-_.<'), minLength: 1, maxLength: 12 });
  const identity = fc.record({
    namespace: fc.constant(''),
    // A Dockerfile's own words are never blank at their ends, nor do they hold line ends.
    id: text.filter((id) => id.trim() === id),
    uid: fc.option(fc.nat(70_000), { nil: undefined }),
    gid: fc.option(fc.nat(70_000), { nil: undefined }),
    mode: fc.option(fc.nat(0o7777), { nil: undefined }),
  }) as fc.Arbitrary<MountIdentity>;
  const identities = fc.sample(identity, { numRuns: 1500, seed: 33 });
  const keys = await readKeys(identities, escape);
  for (const [index, key] of keys.entries()) {
    const { id, uid, gid, mode } = identities[index]!;
    const hasOwner = uid !== undefined || gid !== undefined || mode !== undefined;
    expect(key, formatCacheMountFlag(identities[index]!, '/slipway/mounts/0', escape)).toMatchObject({
      id: `/${id}`,
      target: '/slipway/mounts/0',
      selector: hasOwner ? '/cache' : '',
    });
  }
});

it('names what makes two mounts different, for people', () => {
  const base = { namespace: 'ns', id: '/go-cache' } as MountIdentity;
  expect(formatMountKey(base)).toBe('ns//go-cache');
  expect(formatMountKey({ ...base, uid: 0, mode: 0o755, from: 'x', source: '/y' })).toBe(
    'ns//go-cache from=x source=/y uid=0 mode=0755',
  );
});
