import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProbeRun, runHelperScript } from './helper-run.ts';
import { ACTIONS_OUTPUT, LIST_ACTIONS_SCRIPT } from './scripts/list-actions.ts';

/** What the GOCACHE mounts of a build hold, as the builder lists it. */
export interface ActionListing {
  /** Of the builder's clock, in seconds, when the list was made. */
  readonly nowSeconds: number;
  readonly mounts: readonly ListedMount[];
}

export interface ListedMount {
  /** Its place among the build's mounts. */
  readonly index: number;
  /** The records of all `-a` files, not checked yet, without their line ends. */
  readonly records: readonly string[];
  /** Modification times in seconds of the `-a` files, by name. */
  readonly times: ReadonlyMap<string, number>;
  /** Names of the `-d` files that are compiled packages. */
  readonly archives: readonly string[];
}

/** Lists the actions in the GOCACHE mounts. Nothing in them is changed. */
export async function listActions(run: ProbeRun, exportTo: string): Promise<ActionListing> {
  await runHelperScript({
    ...run,
    phase: 'plan',
    scriptName: 'actions.sh',
    script: LIST_ACTIONS_SCRIPT,
    output: { inStep: ACTIONS_OUTPUT, exportTo },
  });
  const mounts = run.target.mounts.flatMap(({ mount }, index) => (mount.kind === 'gocache' ? [index] : []));
  return {
    nowSeconds: Number(await readFile(path.join(exportTo, 'now.txt'), 'utf8')),
    mounts: await Promise.all(mounts.map((index) => readMount(path.join(exportTo, String(index)), index))),
  };
}

async function readMount(directory: string, index: number): Promise<ListedMount> {
  const times = (await readLines(path.join(directory, 'times.txt'))).map((line): [string, number] => {
    const space = line.indexOf(' ');
    return [line.slice(space + 1), Number(line.slice(0, space))];
  });
  return {
    index,
    records: await readLines(path.join(directory, 'actions.txt')),
    times: new Map(times),
    archives: await readLines(path.join(directory, 'archives.txt')),
  };
}

async function readLines(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
}
