import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that becomes a disk in memory for a command and all that it starts; see `inMemory`. */
export interface MemoryDisk {
  readonly directory: string;
  /** The most that fits; only what is in use takes memory. */
  readonly sizeBytes: number;
}

/** The e2e suite has had 3 GiB in use at most. */
const LEAST_BYTES = 6 * 1024 ** 3;

/** Half of the memory that is free: undefined where that is too little, or where TMPDIR says which directory to take. */
export function planMemoryDisk(availableBytes: number, named: string | undefined): number | undefined {
  const bytes = Math.floor(availableBytes / 2);
  return (named ?? '') === '' && bytes >= LEAST_BYTES ? bytes : undefined;
}

/** The directory for one, where this machine has the memory for it; it is gone when this process has ended. */
export function makeMemoryDisk(): MemoryDisk | undefined {
  const sizeBytes = planMemoryDisk(process.availableMemory(), process.env['TMPDIR']);
  if (sizeBytes === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'e2e-'));
  process.once('exit', () => rmdirSync(directory));
  return { directory, sizeBytes };
}

/**
 * The command with that disk as its TMPDIR. Only its own mount namespace has it, so it goes with the last of its
 * processes, however they end. Needs root.
 */
export function inMemory(
  { directory, sizeBytes }: MemoryDisk,
  command: readonly string[],
): [string, readonly string[]] {
  const script = 'mount -t tmpfs -o "size=$1,mode=1777" slipway-e2e "$2"; export TMPDIR="$2"; shift 2; exec "$@"';
  return ['unshare', ['--mount', 'sh', '-euc', script, 'sh', String(sizeBytes), directory, ...command]];
}
