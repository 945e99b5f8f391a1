import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isSlipwayError, SlipwayError } from '../core/errors.ts';
import type { Phase } from '../core/events.ts';
import { formatBytes } from '../core/size.ts';
import { formatMountList, planHelper, type HelperTarget } from './helper-dockerfile.ts';
import type { Engine, RunOptions } from './types.ts';

export interface HelperRun extends RunOptions {
  readonly engine: Engine;
  readonly target: HelperTarget;
  readonly phase: Phase;
  /** Images to try in this order; the next one is taken only when one can't be pulled. */
  readonly images: readonly string[];
  /** One of a node's platforms, where the builder has several nodes. */
  readonly node?: string | undefined;
  /** An empty directory of the caller's, which becomes the helper's context. */
  readonly directory: string;
  readonly scriptName: string;
  readonly script: string;
  /** The run whose build has trees, where one has. */
  readonly treeRun?: string | undefined;
  /** Runs of which it is known that they ended without closing their trees. */
  readonly endedRuns?: readonly string[];
  /** A file beside the context that the script finds at SECRET_PATH. */
  readonly secretFile?: string | undefined;
  /** Each answer as it comes. */
  readonly onAnswer?: (words: readonly string[]) => void;
  readonly output?: { readonly inStep: string; readonly exportTo: string };
}

/** What a step over the mounts is given by its caller. */
export type ProbeRun = Omit<HelperRun, 'scriptName' | 'script' | 'output' | 'phase' | 'secretFile' | 'onAnswer'>;

/** Runs a helper script over the mounts; answers its `slipway-<word> …` lines, split into words. */
export async function runHelperScript(run: HelperRun): Promise<readonly (readonly string[])[]> {
  await mkdir(run.directory, { recursive: true });
  await writeFile(path.join(run.directory, run.scriptName), run.script);
  await writeFile(path.join(run.directory, 'mounts.txt'), formatMountList(run.target.mounts));
  if (run.treeRun !== undefined) await writeFile(path.join(run.directory, 'run.txt'), `${run.treeRun}\n`);
  await writeFile(path.join(run.directory, 'ended.txt'), (run.endedRuns ?? []).map((id) => `${id}\n`).join(''));
  for (const [index, image] of run.images.entries()) {
    const answers: string[][] = [];
    try {
      await runIn(image, run, answers);
      return answers;
    } catch (error) {
      throwIfHostile(answers);
      throwIfNoSpace(answers);
      if (!isSlipwayError(error, 'IMAGE_UNAVAILABLE') || index === run.images.length - 1) throw error;
    }
  }
  throw new SlipwayError('ENGINE_FAILED', 'there is no image to run a helper build in', {
    hint: 'set `--helper-image`',
  });
}

async function runIn(image: string, run: HelperRun, answers: string[][]): Promise<void> {
  const step = {
    image,
    context: run.directory,
    scriptName: run.scriptName,
    node: run.node,
    secretFile: run.secretFile,
  };
  const plan = planHelper(run.target, run.output === undefined ? step : { ...step, output: run.output.inStep });
  await run.engine.runHelper(
    {
      ...plan,
      phase: run.phase,
      ...(run.output === undefined ? {} : { exportTo: run.output.exportTo }),
      onLogLine: (line) => {
        if (!line.startsWith('slipway-')) return;
        const words = line.split(' ');
        answers.push(words);
        run.onAnswer?.(words);
      },
    },
    run,
  );
}

function throwIfNoSpace(answers: readonly (readonly string[])[]): void {
  const said = answers.find(([word]) => word === 'slipway-no-space');
  if (said === undefined) return;
  const [neededBytes = 0, freeBytes = 0] = said.slice(2).map((kib) => Number(kib) * 1024);
  throw noSpace({ neededBytes, freeBytes });
}

export function noSpace(bytes: { readonly neededBytes: number; readonly freeBytes: number }): SlipwayError {
  const [free, needed] = [formatBytes(bytes.freeBytes), formatBytes(bytes.neededBytes)];
  return new SlipwayError(
    'DISK_FULL',
    `the builder has ${free} free, too little for the ${needed} of the cache and the build`,
    { hint: 'give the builder a larger disk, or prune it: `docker buildx prune`' },
  );
}

function throwIfHostile(answers: readonly (readonly string[])[]): void {
  const said = answers.find(([word, kind]) => word === 'slipway-error' && kind === 'hostile');
  if (said === undefined) return;
  throw new SlipwayError(
    'MOUNT_HOSTILE',
    `the ${said[2]} mount holds \`${said.slice(3).join(' ')}\`, which is no plain file`,
    {
      hint: 'Go never writes links or special files there: prune the builder’s cache mounts and find out who did',
    },
  );
}
