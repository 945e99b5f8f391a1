import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { formatCsvField } from '../../buildkit/csv-field.ts';
import { listActions, type ActionListing } from '../../buildkit/list-actions.ts';
import { findNodes } from '../../buildkit/node-platforms.ts';
import type { ProbeRun } from '../../buildkit/helper-run.ts';
import type { UserBuildResult } from '../../buildkit/types.ts';
import { helperImages } from '../helper-images.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { readActionTable, type ActionDifference, type ActionTable } from './compare-actions.ts';
import type { Tree } from './compare-trees.ts';
import { readTree, removeTree } from './read-tree.ts';
import type { AuditBuildName } from './types.ts';
import { createVerifyLog } from './verify-log.ts';

export interface Pass {
  readonly name: AuditBuildName;
  readonly planned: PlannedBuild;
  /** A directory that isn't there yet. */
  readonly directory: string;
}

export interface PassResult {
  readonly name: AuditBuildName;
  readonly build: UserBuildResult;
  /** What came out; undefined when the build failed, and of `verify`. */
  readonly tree: Tree | undefined;
  readonly listing: ActionListing;
  readonly actions: ActionTable;
  /** What Go's own check found. */
  readonly failures: readonly ActionDifference[];
}

const TEXTS: Readonly<Record<AuditBuildName, string>> = {
  warm: 'warm, over what was restored',
  cold: 'cold, over empty mounts',
  verify: 'over what was restored, with Go checking each action that it finds there',
  'cold-again': 'cold once more, to see whether the build is reproducible by itself',
};

/** Runs one build of an audit, and reads its result and what its mounts hold afterwards. */
export async function runPass(context: WarmContext, { name, planned, directory }: Pass): Promise<PassResult> {
  const { engine, signal, onEvent } = context;
  onEvent({ type: 'message', level: 'info', text: `audit: building ${TEXTS[name]}` });
  const log = createVerifyLog();
  const exportTo = path.join(directory, 'tree');
  const hasTree = name !== 'verify';
  await mkdir(exportTo, { recursive: true });
  const build = await engine.runUserBuild(
    { ...planned.userBuild, outputs: hasTree ? [`type=local,${formatCsvField('dest', exportTo)}`] : noOutput(context) },
    {
      signal,
      onEvent: (event) => {
        if (event.type === 'vertex-log') log.read(event.id, event.text);
        onEvent(event);
      },
    },
  );
  const isBuilt = build.exitCode === 0;
  const tree = hasTree && isBuilt ? await readTree(exportTo, signal) : undefined;
  if (tree !== undefined) await removeTree(exportTo);
  const run = await passHelper(context, planned, path.join(directory, 'list'));
  const listing = await listActions(run, path.join(directory, 'actions'));
  return { name, build, tree, listing, actions: readActionTable(listing), failures: log.failures };
}

/** A helper build over the mounts of a pass. None of those of an audit gives files to anyone, so there are no owners. */
export async function passHelper(context: WarmContext, planned: PlannedBuild, directory: string): Promise<ProbeRun> {
  const { userBuild, dockerfileText, facts } = planned;
  // One platform is audited at a time.
  const [node] = await findNodes(context.engine, userBuild.platforms, context.signal);
  return {
    ...context,
    target: { mounts: facts.mounts.map((mount) => ({ mount, owner: '-' })), userBuild, dockerfileText },
    images: helperImages(context, planned, 'small-first'),
    directory,
    node,
  };
}

/** Without an output a builder of the docker driver would load the result as an image; buildctl knows none by that name. */
function noOutput({ engine }: WarmContext): readonly string[] {
  return engine.kind === 'buildx' ? ['type=cacheonly'] : [];
}
