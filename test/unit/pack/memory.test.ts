import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Reliability plan R16: 1 GiB with SLIPWAY_TORTURE=1. */
const MIB = process.env.SLIPWAY_TORTURE === '1' ? 1024 : 300;

test(`a pack of ${MIB} MiB and 20,000 entries is written, rewritten and read in 256 MiB`, {
  timeout: 300_000,
}, async () => {
  const child = join(import.meta.dirname, 'memory-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [child, String(MIB)]);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ isSame: true, entries: 20_004, damaged: 0, actions: 20_000 });
  expect(result.uncompressedBytes).toBeGreaterThan(MIB * 1024 ** 2);
  expect(result.maxRssMib).toBeLessThan(256);
});
