import { existsSync, readdirSync } from 'node:fs';

/** A directory that becomes a disk in memory for a command and all that it starts; see `inMemory`. */
export interface MemoryDisk {
  readonly directory: string;
  /** The most that fits; only what is in use takes memory. */
  readonly sizeBytes: number;
}

/** The e2e suite has had 2 GiB in use at most. */
const LEAST_BYTES = 6 * 1024 ** 3;

/** About as short as `/tmp`: sockets lie deep below it, and the kernel takes 107 bytes for the name of one. */
const PLACES = ['/srv', '/mnt', '/media'];

/** Half of the memory that is free: undefined where that is too little, or where TMPDIR says which directory to take. */
export function planMemoryDisk(availableBytes: number, named: string | undefined): number | undefined {
  const bytes = Math.floor(availableBytes / 2);
  return (named ?? '') === '' && bytes >= LEAST_BYTES ? bytes : undefined;
}

/** The one of this machine, where it has the memory for it, and an empty directory to put it on. */
export function findMemoryDisk(): MemoryDisk | undefined {
  const sizeBytes = planMemoryDisk(process.availableMemory(), process.env['TMPDIR']);
  const directory = PLACES.find((place) => existsSync(place) && readdirSync(place).length === 0);
  return sizeBytes !== undefined && directory !== undefined ? { directory, sizeBytes } : undefined;
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
