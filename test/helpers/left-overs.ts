import { readdir, readFile } from 'node:fs/promises';

/** Command lines and mounts of this machine that name a directory: what a program that used it left behind. */
export async function leftOvers(directory: string): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').filter((line) => line.includes(directory));
  return [...(await processesOf(directory)), ...mounts];
}

/** Command lines of the processes that name a directory. */
export async function processesOf(directory: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    pids.map(async (pid) => `${pid} ${(await readOf(pid, 'cmdline')).replaceAll('\0', ' ')}`),
  );
  return lines.filter((line) => line.includes(directory));
}

/** Processes that wait for a slipway to end, or do what it left to them, in whose environment a directory is named. */
export async function willsOf(directory: string): Promise<readonly string[]> {
  const lines = await processesOf('__close-trees');
  const environments = await Promise.all(lines.map((line) => readOf(line.split(' ')[0] ?? '', 'environ')));
  return lines.filter((_, index) => environments[index]?.includes(directory));
}

/** A process may end between the listing and the reading. */
async function readOf(pid: string, file: 'cmdline' | 'environ'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
