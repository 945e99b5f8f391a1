import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

/** Gives a run of the suite the directory that `keptState` keeps things in. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-kept-'));
  provide('keptStates', directory);
  return () => rm(directory, { recursive: true, force: true });
}
