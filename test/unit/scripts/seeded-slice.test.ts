import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const ITEMS = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'];
const CALLS = {
  'so many in turn': { call: 'seededSlice(items, 2)', count: 2 },
  'so many from all over': { call: 'seededSample(items, 2)', count: 2 },
  'one by another draw': { call: 'seededSample(items, 1, 1)', count: 1 },
  'one of each kind': { call: 'seededOfEach(items, kindOf)', count: 3 },
  'two of each kind': { call: 'seededOfEach(items, kindOf, 2)', count: 5 },
} as const;

type Taken = Readonly<Record<keyof typeof CALLS, readonly string[]>>;

/** What each of the seeds takes. The module reads its environment when it is loaded, so it is loaded for each. */
function takeBySeeds(seeds: number, size: Readonly<Record<string, string>> = {}): readonly Taken[] {
  const calls = Object.entries(CALLS).map(([name, { call }]) => `${JSON.stringify(name)}: ${call}`);
  const script = `
    const items = ${JSON.stringify(ITEMS)};
    const kindOf = (item) => item[0];
    const taken = [];
    for (let seed = 0; seed < ${seeds}; seed += 1) {
      process.env.SLIPWAY_SEED = String(seed);
      const { seededSlice, seededSample, seededOfEach } = await import('./seeded-slice.ts?' + seed);
      taken.push({ ${calls.join()} });
    }
    process.stdout.write(JSON.stringify(taken));`;
  const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(PROJECT_ROOT, 'test', 'helpers'),
    env: { ...process.env, SLIPWAY_RELIABILITY: '', SLIPWAY_TORTURE: '', ...size },
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as readonly Taken[];
}

describe('the slice of a normal run', () => {
  const runs = takeBySeeds(40);

  it.each(Object.keys(CALLS) as (keyof Taken)[])('of %s: never more or fewer, and each case for some seed', (name) => {
    for (const taken of runs) expect(new Set(taken[name]).size).toBe(CALLS[name].count);
    expect([...new Set(runs.flatMap((taken) => taken[name]))].sort()).toEqual(ITEMS);
  });

  it('takes by another draw what has nothing to do with the first', () => {
    // By one draw, what is drawn alone would always be of those that are drawn with others.
    const isApart = runs.map(
      (taken) => !taken['so many from all over'].includes(taken['one by another draw'][0] ?? ''),
    );
    expect(new Set(isApart)).toEqual(new Set([true, false]));
  });

  it('holds every kind where it is of each, in the order of the list', () => {
    for (const taken of runs) expect(taken['one of each kind'].map(([kind]) => kind)).toEqual(['a', 'b', 'c']);
  });
});

it.each(['SLIPWAY_RELIABILITY', 'SLIPWAY_TORTURE'])('%s=1 takes everything', (name) => {
  for (const taken of takeBySeeds(2, { [name]: '1' }))
    expect(Object.values(taken)).toEqual(Object.keys(CALLS).map(() => ITEMS));
});
