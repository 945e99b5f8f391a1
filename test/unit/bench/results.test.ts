import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openSampleLog } from '../../../bench/lib/bench-context.ts';
import { renderResults } from '../../../bench/lib/markdown.ts';
import { replaceBetweenMarkers } from '../../../bench/lib/markers.ts';
import { parseResults, parseSamples, type Results, type Sample } from '../../../bench/lib/results.ts';

const SAMPLE: Omit<Sample, 'at'> = { case: 'cold', variant: 'base missing', repeat: 0, seconds: 240, values: {} };

let directory: string | undefined;
afterEach(async () => {
  if (directory !== undefined) await rm(directory, { recursive: true });
  directory = undefined;
});

describe('sample log', () => {
  test('a resumed log knows what is done; a new one starts empty', async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-bench-test-'));
    const path = join(directory, 'deep', 'samples.jsonl');
    await (await openSampleLog(path, false)).add(SAMPLE);
    const resumed = await openSampleLog(path, true);
    expect(resumed.has(SAMPLE)).toBe(true);
    expect(resumed.has({ ...SAMPLE, repeat: 1 })).toBe(false);
    expect(resumed.has({ ...SAMPLE, variant: 'base present' })).toBe(false);
    expect((await openSampleLog(path, false)).all()).toEqual([]);
  });

  test('a line cut short by a kill is left out', () => {
    const line = JSON.stringify({ ...SAMPLE, at: 'x' });
    expect(parseSamples(`${line}\n${line.slice(0, 30)}`)).toHaveLength(1);
  });
});

test('results of another version are refused', () => {
  expect(() => parseResults('{"schemaVersion": 2}')).toThrow('version 2');
});

test('the page shows goals, medians and what was cut off', () => {
  const results: Results = {
    schemaVersion: 1,
    startedAt: '2026-01-02T03:04:05Z',
    finishedAt: '2026-01-02T04:04:05Z',
    wallSeconds: 3600,
    commit: 'abc',
    repeats: 3,
    machine: { cores: 2, cpu: 'x', memoryBytes: 8e9, kernel: '6', diskWriteBytesPerSecond: 5e8, tools: { go: 'go1' } },
    project: { packages: 1400, packagesWithoutStd: 1200, ownPackages: 37, modules: 150 },
    samples: [
      ...[230, 240, 260].map((seconds, repeat) => ({ ...SAMPLE, seconds, repeat, at: '' })),
      { ...SAMPLE, case: 'warm-missing', variant: 'main', seconds: 30, values: { restore: 12, bytesUp: 5000 }, at: '' },
      { ...SAMPLE, case: 'copy', variant: 'main', seconds: 150, isCensored: true, at: '' },
    ],
  };
  const page = renderResults(results, 'x.json');
  expect(page).toContain('| main | 8.00x | ≥ 4.00x | passed |');
  expect(page).toContain('| cold fresh worker | base missing | 3 | 240.0 | 230.0 | 260.0 | 10.0 |');
  expect(page).toContain('| 1 (1 cut off) | ≥ 150.0 |');
  expect(page).toContain('| restore | 12.00 |');
  expect(page).toContain('| bytesUp | 5.0 kB |');
});

test('only what stands between the markers is replaced', () => {
  const start = '<!-- results: written by `node bench/report.ts` -->';
  const page = `head\n${start}\nold\n<!-- end of results -->\nfoot\n`;
  const replaced = replaceBetweenMarkers(page, 'new');
  expect(replaced).toBe(`head\n${start}\n\nnew\n\n<!-- end of results -->\nfoot\n`);
  expect(replaceBetweenMarkers(replaced, 'new')).toBe(replaced);
  expect(() => replaceBetweenMarkers('no markers', 'x')).toThrow('markers');
});
