import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inMemory, planMemoryDisk } from '../../../scripts/memory-disk.ts';

const GIB = 1024 ** 3;

it('takes half of the free memory, and none where that is little or a directory is named', () => {
  expect(planMemoryDisk(20 * GIB, undefined)).toBe(10 * GIB);
  expect(planMemoryDisk(20 * GIB, '')).toBe(10 * GIB);
  expect(planMemoryDisk(11 * GIB, undefined)).toBeUndefined();
  expect(planMemoryDisk(20 * GIB, '/var/tmp')).toBeUndefined();
});

it.skipIf(process.getuid?.() !== 0)('is the TMPDIR of the command alone, and nothing of it stays', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-memory-'));
  try {
    const script = 'touch "$TMPDIR/$0"; stat --file-system --format=%T "$TMPDIR"; ls "$TMPDIR"; exit 3';
    const [command, args] = inMemory({ directory, sizeBytes: 1 << 20 }, ['sh', '-c', script, 'a file']);
    let thrown: { status?: number; stdout?: string } = {};
    try {
      execFileSync(command, args, { encoding: 'utf8' });
    } catch (error) {
      thrown = error as typeof thrown;
    }
    expect(thrown).toMatchObject({ status: 3, stdout: 'tmpfs\na file\n' });
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    rmdirSync(directory);
  }
});
