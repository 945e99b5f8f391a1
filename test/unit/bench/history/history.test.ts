import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planCommits } from '../../../../bench/lib/history/commits.ts';
import { playHistory } from '../../../../bench/lib/history/play.ts';
import { readHeavyProject } from '../../../../bench/lib/history/project.ts';
import { shrinkProject } from '../../../../bench/lib/history/shrink-project.ts';
import { summarizeHistory } from '../../../../bench/lib/history/summarize.ts';

/** The goals of `node bench/history.ts`, on a fortieth of the project: real packs, saves, compaction and clean-up. */
it('over a short history restores stay near what builds read, and saves near what is new', {
  timeout: 120_000,
}, async () => {
  const project = shrinkProject(await readHeavyProject(), 40);
  const commits = planCommits(project, { count: 36, seed: 4 });
  expect(new Set(commits.map(({ kind }) => kind))).toContain('go-bump');
  expect(commits.some(({ scope }) => scope !== 'main')).toBe(true);
  expect(commits.some(({ isAtOnceWithNext }) => isAtOnceWithNext)).toBe(true);
  const directory = await mkdtemp(join(tmpdir(), 'slipway-history-'));
  try {
    const measures = await playHistory({ project, commits, workDirectory: directory });
    const { restore, upload, avoidable, mostPacks } = summarizeHistory(measures);
    // The generation before the new Go is dead weight in a third of so short a history.
    expect(restore.ratio).toBeLessThan(1.6);
    expect(measures.at(-1)!.restoredBytes).toBeLessThan(1.3 * measures.at(-1)!.idealBytes);
    expect(upload.ratio).toBeLessThan(2);
    expect(upload.compactions).toBeGreaterThan(0);
    expect(avoidable).toBe(0);
    expect(mostPacks).toBeLessThanOrEqual(24);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
