import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A process, told from a later one that has its number. */
export interface ProcessLife {
  /** Where its number means something: this boot of this machine, and on Linux the namespace. */
  readonly place: string;
  readonly pid: number;
  /** When it was started, in the kernel's ticks; `-` where that can't be known. */
  readonly started: string;
}

/** A process that is there now; by default this very one. */
export async function lifeOf(pid: number = process.pid): Promise<ProcessLife> {
  return { place: await placeOfProcesses(), pid, started: (await startOf(pid)) ?? '-' };
}

/** Has it ended for sure? Of another place nothing is known, so false. */
export async function hasEnded({ place, pid, started }: ProcessLife): Promise<boolean> {
  if (place !== (await placeOfProcesses())) return false;
  return isGone(pid) || (started !== '-' && (await startOf(pid)) !== started);
}

/** Is it still there, for sure? Where it can't be told from a later one with its number, false. */
export async function isAlive({ place, pid, started }: ProcessLife): Promise<boolean> {
  return place === (await placeOfProcesses()) && started !== '-' && (await startOf(pid)) === started;
}

async function placeOfProcesses(): Promise<string> {
  if (process.platform !== 'linux') return hostname();
  const [boot, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/pid'),
  ]);
  return `${boot.trim()} ${namespace}`;
}

/** Field 22 of proc_pid_stat(5); the name before it may hold anything. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Is there no process of this number here? */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
