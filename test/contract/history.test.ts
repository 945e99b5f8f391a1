import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planCommits } from '../../bench/lib/history/commits.ts';
import { playHistory } from '../../bench/lib/history/play.ts';
import { readHeavyProject } from '../../bench/lib/history/project.ts';
import { shrinkProject } from '../../bench/lib/history/shrink-project.ts';
import { summarizeHistory } from '../../bench/lib/history/summarize.ts';

/** `node bench/history.ts` on a fortieth of the project: real packs, saves, compaction and clean-up. */
it('over a short history what died leaves the restore, nothing else does, and saves stay near what is new', async () => {
  const project = shrinkProject(await readHeavyProject(), 40);
  const commits = planCommits(project, { count: 36, seed: 4, newGoAt: 10 });
  expect(new Set(commits.map(({ scope }) => scope)).size).toBeGreaterThan(1);
  expect(commits.some(({ isAtOnceWithNext }) => isAtOnceWithNext)).toBe(true);
  const directory = await mkdtemp(join(tmpdir(), 'slipway-history-'));
  try {
    const measures = await playHistory({ project, commits, workDirectory: directory });
    const { upload, avoidable, mostPacks } = summarizeHistory(measures);
    expect(avoidable).toBe(0);
    // After the new Go a restore holds two generations, and at the end one.
    const most = Math.max(...measures.map(({ restoredBytes }) => restoredBytes));
    expect(measures.at(-1)!.restoredBytes).toBeLessThan(most / 2);
    expect(upload.compactions).toBeGreaterThan(0);
    expect(upload.ratio).toBeLessThan(2);
    expect(mostPacks).toBeLessThanOrEqual(28);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 180_000);
