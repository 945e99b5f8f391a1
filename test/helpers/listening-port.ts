import type { ChildProcess } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LISTEN = '0A';

/**
 * The loopback port that a child listens on, when it took port 0 and doesn't say which it got: from /proc, so that no port
 * has to be guessed. Fails when the child ends, or after ten seconds.
 */
export async function listeningPort(child: ChildProcess): Promise<number> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const port = child.pid === undefined ? undefined : await portOf(child.pid);
    if (port !== undefined) return port;
  }
  throw new Error(`\`${child.spawnfile}\` does not listen (exit code ${child.exitCode})`);
}

async function portOf(pid: number): Promise<number | undefined> {
  try {
    const files = await readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
    const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
    for (const line of (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTEN && own.has(inode)) return Number.parseInt(local.split(':')[1]!, 16);
    }
  } catch {
    // It may be gone between two looks; the caller sees how it ended.
  }
  return undefined;
}
