import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeResults } from '../../../src/cli/bench/print-results.ts';
import { sizeOf } from '../../../src/cli/report/write-report.ts';
import type { BenchResults } from '../../../src/bench/results.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-places-'));
});
afterEach(async () => rm(directory, { recursive: true }));

it('results that can’t have their place leave nothing beside it', async () => {
  await mkdir(path.join(directory, 'results.json/inside'), { recursive: true });
  const written = writeResults(path.join(directory, 'results.json'), {} as BenchResults);
  await expect(written).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect(await readdir(directory)).toEqual(['results.json']);
});

it('a file’s size is known without reading it; what is no file has none', async () => {
  const file = path.join(directory, 'summary');
  await writeFile(file, 'twelve bytes');
  // As a job summary may be: to be written, not read.
  await chmod(file, 0o200);
  const sizes = [file, path.join(directory, 'none'), path.join(file, 'below'), directory].map(sizeOf);
  expect(await Promise.all(sizes)).toEqual([12, 0, 0, 0]);
});
