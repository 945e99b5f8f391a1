import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { countCases } from '../../helpers/count-cases.ts';
import { sized } from '../../helpers/suite-size.ts';

/** Reliability plan R16. */
const { mib, actions } = sized({
  slice: { mib: 200, actions: 20_000 },
  published: { mib: 1024, actions: 50_000 },
  torture: { mib: 10_240, actions: 50_000 },
});

const CHILD = join(import.meta.dirname, 'memory-child.ts');

interface Measured {
  readonly digest: string;
  readonly uncompressedBytes: number;
  readonly maxRssMib: number;
}

async function run(...args: readonly string[]): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, ...args]);
  return JSON.parse(stdout);
}

test(`a pack of ${mib} MiB and ${actions} actions is written, rewritten and read, each in 256 MiB`, {
  timeout: 3_600_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-memory-'));
  try {
    const [first, second] = [join(directory, 'first'), join(directory, 'second')];
    const written = await run('write', first, String(mib), String(actions));
    const rewritten = await run('rewrite', first, second);
    const read = await run('read', second);
    expect(rewritten).toMatchObject({ digest: written.digest, entries: actions + 4 });
    expect(read).toMatchObject({ digest: written.digest, entries: actions + 4, damaged: 0, actions });
    expect(read.uncompressedBytes).toBeGreaterThan(mib * 1024 ** 2);
    const maxRssMib = Math.max(written.maxRssMib, rewritten.maxRssMib, read.maxRssMib);
    expect(maxRssMib).toBeLessThan(256);
    countCases({ suite: 'R16', what: 'entries of one pack', cases: actions + 4, worst: { maxRssMib } });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
