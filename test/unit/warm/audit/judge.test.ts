import { describe, expect, it } from 'vitest';
import { readActionTable, type ActionTable } from '../../../../src/warm/audit/compare-actions.ts';
import type { Tree } from '../../../../src/warm/audit/compare-trees.ts';
import { findSuspicion, judge, type Evidence } from '../../../../src/warm/audit/judge.ts';
import { formatActionRecord } from '../../../../src/pack/action-record.ts';

const hex = (digits: string): string => digits.repeat(32);

function actions(outputs: Readonly<Record<string, string>>): ActionTable {
  const records = Object.entries(outputs).map(([action, output]) =>
    formatActionRecord({ actionHex: hex(action), outputHex: hex(output), sizeBytes: 1 }, 0)
      .toString()
      .trimEnd(),
  );
  return readActionTable({ nowSeconds: 0, mounts: [{ index: 0, records, times: new Map(), archives: [] }] });
}

const tree = (content: string, more: readonly string[] = []): Tree =>
  new Map(['app', ...more].map((path) => [path, { type: 'file', mode: 0o755, content }]));

/** All the same, unless said. `c0` is an action of a poisoned cache. */
function evidence(changes: Partial<Evidence> = {}): Evidence {
  const honest = actions({ a0: '01', c0: '02' });
  return {
    warm: { tree: tree('honest'), actions: honest },
    cold: { tree: tree('honest'), actions: honest },
    restored: honest,
    verified: [],
    ...changes,
  };
}

const poisoned = (): Evidence =>
  evidence({
    warm: { tree: tree('evil'), actions: actions({ a0: '01', c0: 'ee' }) },
    restored: actions({ a0: '01', c0: 'ee' }),
    verified: [{ action: hex('c0'), package: 'example.com/word', cached: hex('ee'), rebuilt: hex('02') }],
  });

function verdictOf(found: Evidence, again = found.cold as { tree: Tree | undefined; actions: ActionTable }) {
  return judge(found, findSuspicion(found), again);
}

describe('the verdict', () => {
  it('is `alike` where nothing differs', () => {
    expect(verdictOf(evidence())).toEqual({ verdict: 'alike', differences: [], actions: [] });
  });

  it('blames the cache where two cold builds agree, and names file, package and action', () => {
    const { verdict, differences, actions: found } = verdictOf(poisoned());
    expect(verdict).toBe('differs');
    expect(differences).toEqual([
      { path: 'app', change: 'content', warm: 'evil', cold: 'honest', isReproducible: true },
    ]);
    expect(found).toEqual([
      { action: hex('c0'), package: 'example.com/word', cached: hex('ee'), rebuilt: hex('02'), isReproducible: true },
    ]);
  });

  it('names all actions that differ, also those that Go did not come to', () => {
    const found = poisoned();
    const restored = actions({ a0: 'ee', c0: 'ee' });
    expect(verdictOf({ ...found, restored }).actions).toHaveLength(2);
  });

  it('blames the build itself where two cold builds differ too', () => {
    const found = evidence({ warm: { tree: tree('at noon'), actions: actions({}) } });
    const { verdict, differences } = verdictOf(found, { tree: tree('at one'), actions: found.cold.actions });
    expect(verdict).toBe('irreproducible');
    expect(differences).toMatchObject([{ path: 'app', isReproducible: false }]);
  });

  it('finds the poison of a build that is not reproducible: the action is', () => {
    const found = poisoned();
    const { verdict, differences, actions: judged } = verdictOf(found, { ...found.cold, tree: tree('later') });
    expect(verdict).toBe('differs');
    expect(differences).toMatchObject([{ isReproducible: false }]);
    expect(judged).toMatchObject([{ package: 'example.com/word', isReproducible: true }]);
  });

  it('does not blame the cache for an action whose output two cold builds do not agree on', () => {
    const found = evidence({ verified: [{ action: hex('c0') }], restored: actions({ a0: '01', c0: '55' }) });
    const { verdict } = verdictOf(found, { ...found.cold, actions: actions({ a0: '01', c0: '66' }) });
    expect(verdict).toBe('irreproducible');
  });

  it('nor for one of which it says what the cold build says', () => {
    expect(verdictOf(evidence({ verified: [{ action: hex('c0') }] })).verdict).toBe('irreproducible');
  });

  it('blames it for a path that only the warm build has', () => {
    const found = evidence({ warm: { tree: tree('honest', ['backdoor']), actions: actions({}) } });
    expect(verdictOf(found)).toMatchObject({
      verdict: 'differs',
      differences: [{ path: 'backdoor', isReproducible: true }],
    });
  });

  it('passes over outputs that Go lets vary: its check said nothing', () => {
    expect(verdictOf(evidence({ restored: actions({ a0: '99' }) })).verdict).toBe('alike');
  });

  it('blames it where only the warm build fails, but not when the second cold one fails too', () => {
    const found = evidence({ warm: { tree: undefined, actions: actions({}) } });
    expect(verdictOf(found).verdict).toBe('differs');
    expect(verdictOf(found, { tree: undefined, actions: actions({}) }).verdict).toBe('irreproducible');
  });
});

describe('the actions of a mount', () => {
  it('are those that Go would read: torn records are none', () => {
    const records = ['', 'garbage', `v1 ${hex('a0')} ${hex('b0')}`];
    const listing = { nowSeconds: 0, mounts: [{ index: 0, records, times: new Map(), archives: [] }] };
    expect(readActionTable(listing).size).toBe(0);
    expect(actions({ a0: '01' }).size).toBe(1);
  });
});
