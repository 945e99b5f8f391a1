import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInspection, readWorkers, type BuilderFacts } from '../../../src/buildkit/builder-facts.ts';
import type { GcRule } from '../../../src/buildkit/gc-rule.ts';
import { renderBuildkitdToml } from '../../../src/doctor/buildkitd-toml.ts';
import { dropsMounts, judgeGcPolicy, matchesMounts } from '../../../src/doctor/checks/gc-policy.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const read = (name: string): string => readFileSync(join(PROJECT_ROOT, 'test/fixtures/doctor', name), 'utf8');
const DEFAULT = readWorkers(read('workers-0.33.1.json'), 'unix:///run/b.sock');
const RULE: GcRule = { all: false, filters: [], keepSeconds: 0, reservedBytes: 0, maxUsedBytes: 0, minFreeBytes: 0 };
const HOUR = 3600;

describe('a filter', () => {
  it.each([
    [[], true],
    [['type==source.local', 'type==exec.cachemount'], true],
    [['type==source.local', 'type==source.git.checkout'], false],
    // All selectors of one filter must hold, and no record has two types.
    [['type==source.local,type==exec.cachemount,type==source.git.checkout'], false],
    [['type==exec.cachemount,unused-for==48h'], true],
    [['type=="exec.cachemount"'], true],
    [['type!=exec.cachemount'], false],
    [['type!=regular'], true],
    [['type~=exec.*'], true],
    [['description~=go'], true],
    [['type==regular'], false],
  ])('%j means cache mounts: %s', (filters, expected) => {
    expect(matchesMounts(filters)).toBe(expected);
  });
});

describe('a rule', () => {
  it.each<[string, Partial<GcRule>, boolean]>([
    ['of BuildKit 0.33, the first', { keepSeconds: 48 * HOUR, maxUsedBytes: 512e6 }, true],
    ['that takes all without a limit', {}, true],
    ['of two months without a limit', { keepSeconds: 1440 * HOUR }, false],
    ['with room', { reservedBytes: 10e9, maxUsedBytes: 100e9 }, false],
    ['with 2 GB, as on a small disk before 0.17', { reservedBytes: 2e9 }, true],
    ['that only wants free disk', { minFreeBytes: 20e9 }, false],
    ['with little room for what is very old', { maxUsedBytes: 512e6, keepSeconds: 30 * 24 * HOUR }, false],
    ['of contexts only', { filters: ['type==source.local'], maxUsedBytes: 512e6, keepSeconds: 48 * HOUR }, false],
  ])('%s drops mounts early: %#', (_, rule, expected) => {
    expect(dropsMounts({ ...RULE, ...rule })).toBe(expected);
  });
});

describe('the finding', () => {
  it("names the rule, its age and size, and a command, for BuildKit's own policy", () => {
    const [finding, ...more] = judgeGcPolicy({ kind: 'buildctl' }, DEFAULT);
    expect(more).toEqual([]);
    expect(finding?.level).toBe('warning');
    expect(finding?.says).toMatch(/^rule 0 .* 48 hours .* larger than 512 MB: after a weekend/);
    expect(finding?.mend).toContain('--write-buildkitd-toml buildkitd.toml && sudo install');
  });

  it('is the same from buildx, and keeps the state of a container builder', () => {
    const remote = readInspection(read('inspect-remote-0.38.2.txt'));
    expect(judgeGcPolicy({ kind: 'buildx' }, remote)[0]?.level).toBe('warning');
    const container = judgeGcPolicy({ kind: 'buildx' }, { ...remote, driver: 'docker-container', name: "ci's" })[0];
    expect(container?.mend).toMatch(
      /&& docker buildx rm --keep-state 'ci'\\''s' && docker buildx create --use --driver docker-container --name 'ci'\\''s' --buildkitd-config buildkitd.toml$/,
    );
    const kubernetes = judgeGcPolicy({ kind: 'buildx' }, { ...remote, driver: 'kubernetes' })[0];
    expect(kubernetes?.mend).toMatch(/rm r1 && docker buildx create --use --driver kubernetes --name r1/);
    const engine = judgeGcPolicy({ kind: 'buildx' }, { ...remote, driver: 'docker', name: 'default' })[0];
    expect(engine?.mend).toMatch(/buildkitd.toml && docker buildx create --use --driver docker-container/);
    expect(engine?.mend).not.toContain('rm');
    expect(judgeGcPolicy({ kind: 'embedded' }, DEFAULT)[0]?.mend).toContain('SLIPWAY_BUILDKITD_CONFIG=');
  });

  it('is none where the first rule means nothing, as BuildKit wrote it before 0.31', () => {
    const [node] = DEFAULT.nodes;
    const [first, ...others] = node?.gcRules ?? [];
    const old = withRules(DEFAULT, [{ ...RULE, ...first, filters: [first?.filters.join(',') ?? ''] }, ...others]);
    expect(judgeGcPolicy({ kind: 'buildctl' }, old)).toEqual([
      { level: 'ok', says: 'no rule drops cache mounts early' },
    ]);
  });

  it('tells nodes apart, and says where nothing is known or collected', () => {
    const two: BuilderFacts = {
      ...DEFAULT,
      nodes: [...DEFAULT.nodes, { ...DEFAULT.nodes[0]!, name: 'b', gcRules: [] }],
    };
    const said = judgeGcPolicy({ kind: 'buildx' }, two);
    expect(said.map(({ level }) => level)).toEqual(['warning', 'info']);
    expect(said[1]?.says).toMatch(/^node `b`: nothing is ever collected/);
    const silent = { ...DEFAULT, nodes: [{ ...DEFAULT.nodes[0]!, gcRules: undefined }] };
    expect(judgeGcPolicy({ kind: 'buildx' }, silent)[0]?.says).toMatch(/does not say how/);
  });
});

describe('the generated buildkitd.toml', () => {
  it('is that of docs/guides/doctor.md', () => {
    const guide = readFileSync(join(PROJECT_ROOT, 'docs/guides/doctor.md'), 'utf8');
    expect(/```toml\n([^]*?)```/.exec(guide)?.[1]).toBe(renderBuildkitdToml(DEFAULT));
  });

  it('has the words and the worker of the builder', () => {
    const old = { ...DEFAULT.nodes[0]!, version: 'v0.13.2', executor: 'containerd' as const };
    const text = renderBuildkitdToml({ nodes: [old] });
    expect(text).toContain('[[worker.containerd.gcpolicy]]');
    expect(text).toContain('keepBytes = 20000000000');
    expect(text).not.toMatch(/worker\.oci|reservedSpace|%/);
    expect(renderBuildkitdToml({ nodes: [] })).toBe(renderBuildkitdToml(DEFAULT));
  });
});

function withRules(facts: BuilderFacts, gcRules: readonly GcRule[]): BuilderFacts {
  return { ...facts, nodes: facts.nodes.map((node) => ({ ...node, gcRules })) };
}
