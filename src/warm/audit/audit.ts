import { RESTORED_MTIME_SECONDS } from '../../buildkit/scripts/inject.ts';
import { startStopwatch } from '../stopwatch.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { checkCold, checkUsed, checkVerified, impossible } from './check-passes.ts';
import type { ActionTable } from './compare-actions.ts';
import { findObstacle } from './find-obstacle.ts';
import { findSuspicion, isSuspicious, judge, type Evidence } from './judge.ts';
import { layGround, type AuditGround } from './lay-ground.ts';
import { restoreWarm, type RestoredCache } from './restore-warm.ts';
import type { PassResult } from './run-pass.ts';
import type { AuditReport } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Builds over what the store gives and from nothing, in cache mounts that nobody else uses, and compares: the files of the
 * results, and the actions in the mounts, by Go's own check. Nothing is saved, named, pushed or loaded, and the mounts are emptied
 * again. Give it a context without the guard, which would leave out what doesn't pay. Throws AUDIT_IMPOSSIBLE where nothing
 * could be proven. `env` gives build arguments without a value theirs.
 */
export async function audit(context: WarmContext, planned: PlannedBuild, env: Env): Promise<AuditReport> {
  const obstacle = findObstacle(planned);
  if (obstacle !== undefined) throw impossible(obstacle.reason, obstacle.hint);
  const ground = await layGround(context, planned, env);
  try {
    return await auditOn(ground);
  } finally {
    await ground.clear();
  }
}

async function auditOn(ground: AuditGround): Promise<AuditReport> {
  const { context } = ground;
  const watch = startStopwatch(context.clock);
  const warmBuild = await ground.plan('warm', 'warm');
  const cache = await restoreWarm(context, warmBuild);
  const warm = await ground.run('warm', warmBuild);
  const restored = restoredActions(warm, cache);
  const used = [...restored.values()].filter(({ mtimeSeconds }) => mtimeSeconds !== RESTORED_MTIME_SECONDS).length;
  checkUsed(warm, used);
  const cold = await ground.run('cold', await ground.plan('cold', 'cold'));
  const compared = [...restored.keys()].filter((key) => cold.actions.has(key)).length;
  checkCold(cold, compared);
  const verify = await ground.run('verify', await ground.plan('verify', 'warm'));
  const verified = countVerified(restored, warm, verify);
  const evidence: Evidence = {
    warm,
    cold: { tree: cold.tree, actions: cold.actions },
    restored,
    verified: verify.failures,
  };
  const suspicion = findSuspicion(evidence);
  if (!isSuspicious(suspicion)) checkVerified(verify, verified);
  const again = isSuspicious(suspicion)
    ? await ground.run('cold-again', await ground.plan('cold-again', 'again'))
    : undefined;
  return {
    schemaVersion: 1,
    engine: context.engine.description,
    store: context.store.description,
    scopes: context.options.scopes.read,
    ...judge(evidence, suspicion, again),
    restored: {
      snapshots: cache.report.snapshots,
      packs: cache.packs,
      bytes: cache.bytes,
      entries: cache.entries,
      actions: restored.size,
      packages: countPackages(warm, cache),
      used,
    },
    compared: { files: cold.tree.size, actions: compared, verified },
    builds: [warm, cold, verify, ...(again === undefined ? [] : [again])].map(({ name, build }) => ({
      name,
      exitCode: build.exitCode,
      seconds: build.seconds,
    })),
    warnings: cache.report.warnings,
    seconds: watch.seconds(),
  };
}

/** What the warm mounts hold of what was restored, the times telling what was used. */
function restoredActions({ actions }: PassResult, { paths }: RestoredCache): ActionTable {
  return new Map([...actions].filter(([, { path: name }]) => paths.has(name)));
}

function countPackages({ listing }: PassResult, { paths }: RestoredCache): number {
  return new Set(listing.mounts.flatMap(({ archives }) => archives.filter((name) => paths.has(name)))).size;
}

/** Under its check Go writes each action anew, so those younger than the look at the mounts before were checked. */
function countVerified(restored: ActionTable, warm: PassResult, verify: PassResult): number {
  const { nowSeconds } = warm.listing;
  return [...restored.keys()].filter((key) => (verify.actions.get(key)?.mtimeSeconds ?? 0) > nowSeconds).length;
}
