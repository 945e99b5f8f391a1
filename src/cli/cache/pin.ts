import { SlipwayError } from '../../core/errors.ts';
import { findNamedSnapshot, pinSnapshot, unpinSnapshot } from '../../warm/keep/pins.ts';
import { formatSnapshotName } from '../../warm/stored-state.ts';
import type { CacheVerb } from './cache-verb.ts';

const OPERANDS = 'SCOPE[@SNAPSHOT]';

/** Both verbs take one snapshot, by its name or as the newest of its scope. */
function pinVerb(
  name: 'pin' | 'unpin',
  texts: Pick<CacheVerb, 'summary' | 'examples' | 'notes'>,
  run: (...args: Parameters<typeof pinSnapshot>) => Promise<string>,
): CacheVerb {
  return {
    name,
    ...texts,
    operands: OPERANDS,
    flags: [],
    isChange: () => true,
    check: (_parsed, operands) => {
      if (operands.length === 1) return;
      throw new SlipwayError('USAGE', `\`slipway cache ${name}\` takes one snapshot`, {
        hint: `Write \`slipway cache ${name} ${OPERANDS}\`, as \`slipway cache ls\` prints them.`,
      });
    },
    run: async ({ store, operands, survey: { signal } }) => {
      const snapshot = await findNamedSnapshot(store, operands[0] ?? '', signal);
      const outcome = await run(store, snapshot, signal);
      const text = formatSnapshotName(snapshot);
      return { data: { snapshot: text, outcome }, text: `${text} ${WORDS[outcome] ?? outcome}\n`, exitCode: 0 };
    },
  };
}

const WORDS: Readonly<Record<string, string>> = {
  pinned: 'is pinned',
  'was-pinned': 'was pinned already',
  unpinned: 'is not pinned any more',
  'was-not-pinned': 'was not pinned',
};

export const pin: CacheVerb = pinVerb(
  'pin',
  {
    summary: 'Keeps a snapshot from gc, whatever its age',
    notes: ['Without @SNAPSHOT it is the newest one of the scope.'],
    examples: ['slipway cache pin main', 'slipway cache pin main@41-9c1b07aa'],
  },
  pinSnapshot,
);

export const unpin: CacheVerb = pinVerb(
  'unpin',
  { summary: 'Takes a pin away', examples: ['slipway cache unpin main@41-9c1b07aa'] },
  async (...args) => ((await unpinSnapshot(...args)) ? 'unpinned' : 'was-not-pinned'),
);
