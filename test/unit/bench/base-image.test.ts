import { describe, expect, it } from 'vitest';
import { renderBaseImages } from '../../../bench/lib/base-image/render-base-image.ts';
import { type BaseImageResults, formatResults } from '../../../bench/lib/base-image/results.ts';
import { contentDockerfile, imagesFor, mergedDockerfile, VARIANTS } from '../../../bench/lib/base-image/variants.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';

const named = (...names: string[]) => VARIANTS.filter(({ name }) => names.includes(name));

describe('images', () => {
  it('are made once, with what a merged one is made of', () => {
    const names = (...chosen: string[]) => imagesFor(named(...chosen)).map(({ tag }) => tag);
    expect(names('debian-gzip', 'debian-gzip-pigz')).toEqual(['debian-gzip']);
    expect(names('alpine-gzip-pigz')).toEqual(['alpine-gzip']);
    expect(names('debian-merged-gzip')).toContain('debian-gzip');
    expect(names('lean-zstd')).toEqual(['lean-zstd']);
  });

  it('have Dockerfiles that can be parsed, with their settings', () => {
    for (const content of ['debian', 'alpine', 'lean'] as const) {
      const text = contentDockerfile(content, { GOPATH: '/go' });
      const instructions = parseDockerfile(text).instructions.map(({ keyword }) => keyword.toUpperCase());
      expect(instructions).toContain('ENV');
      expect(text.includes('apt-get install')).toBe(content === 'debian');
      expect(text.includes('rm -rf api')).toBe(content === 'lean');
    }
    expect(mergedDockerfile('golang:debian-gzip', { GOPATH: '/go' })).toBe(
      'FROM scratch\nCOPY --from=golang:debian-gzip / /\nENV GOPATH=/go\nWORKDIR /go\n',
    );
  });
});

describe('results', () => {
  const pull = { variant: 'debian-gzip', cpuSeconds: 8, bytes: 300e6 };
  const build = {
    variant: 'debian-gzip',
    order: 'beside',
    cpuSeconds: 30,
    imageBytes: 300e6,
    packBytes: 445e6,
  } as const;
  const results: BaseImageResults = {
    schemaVersion: 1,
    startedAt: '2026-11-30T00:00:00.000Z',
    commit: 'abc1234',
    machine: { cores: 2, cpu: 'a CPU', memoryBytes: 8e9, kernel: '6', diskWriteBytesPerSecond: 500e6, tools: {} },
    images: [{ variant: 'debian-gzip', layers: 5, bytes: 299e6, diskFiles: 20_000, diskBytes: 900e6 }],
    pulls: [
      { ...pull, repeat: 0, seconds: 12 },
      { ...pull, repeat: 1, seconds: 10 },
      { ...pull, repeat: 2, seconds: 20 },
    ],
    builds: [{ ...build, repeat: 0, seconds: 40, restoreSeconds: 25, buildSeconds: 14 }],
  };

  it('are shown as medians with their spread, images that were not measured left out', () => {
    const text = renderBaseImages(results);
    expect(text).toContain('3 rounds of pulls and 1 of builds');
    expect(text).toContain('| `debian-gzip` | 5 | 299 MB | 300 MB | 900 MB, 20,000 files | 12.0 | 10.0 | 20.0 | 8.0 |');
    expect(text).toContain(
      '| `debian-gzip` | beside the packs | 1 | 40.0 | 40.0 | 40.0 | 30.0 | 25.0 | 14.0 | 300 MB | 445 MB |',
    );
    expect(text).not.toContain('alpine');
  });

  it('are written one measurement a line', () => {
    const text = formatResults(results);
    expect(JSON.parse(text)).toEqual(results);
    expect(text.split('\n').filter((line) => line.startsWith('{"variant"'))).toHaveLength(5);
  });
});
