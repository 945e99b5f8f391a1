import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasEnded, lifeOf, type ProcessLife } from '../../process/process-life.ts';
import type { StoreContext } from '../types.ts';

/**
 * A run that builds with trees. Its name lies in the mounts from its first look into them until it closes its trees, so that runs side by
 * side don't close each other's. Its process stands in a file of this machine's, so that a later run knows when it was killed.
 */
export interface TreeRun {
  /** 16 hex digits. */
  readonly id: string;
  /** Before the name gets into a mount. */
  begin(): Promise<void>;
  /** Once it is in no mount any more. */
  end(): Promise<void>;
  /** Has it begun, and not ended? */
  isOpen(): boolean;
}

type RunsContext = Pick<StoreContext, 'workDirectory'>;

export function newTreeRun(context: RunsContext): TreeRun {
  return treeRunOf(context, randomBytes(8).toString('hex'));
}

/** A run by its name, also one of another process. */
export function treeRunOf(context: RunsContext, id: string): TreeRun {
  const file = path.join(treeRunsIn(context), id);
  return {
    id,
    begin: async () => {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(await lifeOf()));
    },
    end: () => rm(file, { force: true }),
    isOpen: () => existsSync(file),
  };
}

/** Runs of this machine that ended without closing their trees. */
export async function endedTreeRuns(context: RunsContext): Promise<readonly string[]> {
  const directory = treeRunsIn(context);
  const ended: string[] = [];
  for (const id of await namesIn(directory)) {
    const life = await readLife(path.join(directory, id));
    if (life !== undefined && (await hasEnded(life))) ended.push(id);
  }
  return ended;
}

/** Where their files lie: see `sweepLeftovers`. */
export function treeRunsIn({ workDirectory }: RunsContext): string {
  return path.join(workDirectory, 'tree-runs');
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => /^[0-9a-f]{16}$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined for one that is being written, or goes this moment. */
async function readLife(file: string): Promise<ProcessLife | undefined> {
  try {
    const life = JSON.parse(await readFile(file, 'utf8')) as Partial<ProcessLife> | null;
    const { place, pid, started } = life ?? {};
    const isLife = typeof place === 'string' && Number.isSafeInteger(pid) && typeof started === 'string';
    return isLife ? (life as ProcessLife) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
