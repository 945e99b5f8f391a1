import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInspection, readWorkers } from '../../../src/buildkit/builder-facts.ts';
import { readGoDuration, readSize } from '../../../src/buildkit/gc-rule.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const read = (name: string): string => readFileSync(join(PROJECT_ROOT, 'test/fixtures/doctor', name), 'utf8');

describe('what a builder says of itself', () => {
  it('is read from buildctl 0.33.1', () => {
    const { driver, name, nodes } = readWorkers(read('workers-0.33.1.json'), 'unix:///run/b.sock');
    expect([driver, name, nodes.length]).toEqual([undefined, 'unix:///run/b.sock', 1]);
    expect(nodes[0]).toMatchObject({ status: 'running', version: 'v0.33.1', executor: 'oci' });
    expect(nodes[0]?.gcRules).toEqual(DEFAULT_RULES);
  });

  it('is read from buildx 0.38.2, whose sizes are rounded', () => {
    const { driver, name, nodes } = readInspection(read('inspect-remote-0.38.2.txt'));
    expect([driver, name, nodes.length]).toEqual(['remote', 'r1', 1]);
    expect(nodes[0]).toMatchObject({ name: 'r10', status: 'running', version: 'v0.33.1', executor: 'oci' });
    const rules = nodes[0]?.gcRules ?? [];
    expect(rules).toHaveLength(4);
    for (const [index, rule] of rules.entries()) {
      const { all, filters, keepSeconds, ...sizes } = DEFAULT_RULES[index] ?? RULE;
      expect(rule).toMatchObject({ all, filters, keepSeconds });
      for (const [key, bytes] of Object.entries(sizes)) {
        expect(Math.abs(rule[key as keyof typeof sizes] - bytes), key).toBeLessThanOrEqual(bytes / 1000);
      }
    }
  });

  it('has no rules where the node does not run', () => {
    const text = read('inspect-remote-0.38.2.txt').replace('running', 'inactive').split('BuildKit version')[0] ?? '';
    expect(readInspection(text).nodes).toEqual([
      {
        name: 'r10',
        status: 'inactive',
        version: undefined,
        givenPlatforms: [],
        platforms: [],
        executor: undefined,
        gcRules: undefined,
      },
    ]);
  });

  it('is read of each node, and not from a configuration file that buildx prints behind them', () => {
    const node = read('inspect-remote-0.38.2.txt').split('Nodes:\n')[1] ?? '';
    const file = 'File#buildkitd.toml:\n > [[worker.oci.gcpolicy]]\n >   All: true\n';
    const text = `Name: two\nDriver: docker-container\n\nNodes:\n${node}${file}\n${node.replace('r10', 'r11')}`;
    const { nodes } = readInspection(text);
    expect(nodes.map(({ name, gcRules }) => [name, gcRules?.length])).toEqual([
      ['r10', 4],
      ['r11', 4],
    ]);
    expect(nodes[0]?.gcRules).toEqual(nodes[1]?.gcRules);
  });

  it('may be the one size that there was before 0.17', () => {
    const text =
      'Name: default\nDriver: docker\n\nNodes:\nName: default\nStatus: running\nBuildKit: v0.12.5\nGC Policy rule#0:\n All: false\n Filters: type==source.local,type==exec.cachemount,type==source.git.checkout\n Keep Duration: 48h0m0s\n Keep Bytes: 2.764GiB\n';
    const [node] = readInspection(text).nodes;
    expect(node?.version).toBe('v0.12.5');
    expect(node?.gcRules).toEqual([
      {
        ...RULE,
        filters: ['type==source.local,type==exec.cachemount,type==source.git.checkout'],
        keepSeconds: 172_800,
        reservedBytes: Math.round(2.764 * 1024 ** 3),
      },
    ]);
    const json =
      '[{"id":"a","labels":null,"gcPolicy":[{"all":true,"filter":null,"keepDuration":0,"keepBytes":3000000000}]}]';
    expect(readWorkers(json, 'x').nodes[0]?.gcRules).toEqual([{ ...RULE, all: true, reservedBytes: 3e9 }]);
  });

  it('is nothing of a buildkitd without workers', () => {
    expect(readWorkers('null', 'x').nodes).toEqual([]);
    expect(readInspection('').nodes).toEqual([]);
  });
});

const RULE = { all: false, filters: [], keepSeconds: 0, reservedBytes: 0, maxUsedBytes: 0, minFreeBytes: 0 };
const SIZES = { reservedBytes: 10e9, maxUsedBytes: 100e9, minFreeBytes: 51e9 };
const FIRST = ['type==source.local', 'type==exec.cachemount', 'type==source.git.checkout'];
const DEFAULT_RULES = [
  { ...RULE, filters: FIRST, keepSeconds: 48 * 3600, maxUsedBytes: 512e6 },
  { ...RULE, ...SIZES, keepSeconds: 60 * 24 * 3600 },
  { ...RULE, ...SIZES },
  { ...RULE, ...SIZES, all: true },
];

it.each([
  ['48h0m0s', 172_800],
  ['1440h0m0s', 5_184_000],
  ['1h30m0.5s', 5400.5],
  ['172.8µs', 0.0001728],
  ['500ms', 0.5],
  ['172800', 172_800],
  ['', 0],
])('`%s` are %d seconds', (text, seconds) => {
  expect(readGoDuration(text)).toBeCloseTo(seconds, 9);
});

it.each([
  ['512MB', 512e6],
  ['488.3MiB', 512_019_661],
  ['9.313GiB', 9_999_757_607],
  ['51GB', 51e9],
  ['0B', 0],
  ['512', 512],
  ['', 0],
])('`%s` are %d bytes', (text, bytes) => {
  expect(readSize(text)).toBe(bytes);
});
