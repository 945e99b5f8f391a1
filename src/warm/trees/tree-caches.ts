import type { GoCaches } from '../caches.ts';
import { mountCaches } from '../mount-caches.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { checkoutOf } from '../why-private.ts';
import { findCalledWholeModules } from './called-commands.ts';
import { newTreeRun } from './tree-runs.ts';

/**
 * The mounts of a build whose modules come as trees, and are stored as such; undefined where they travel as zips. Tells why,
 * where trees were asked for.
 */
export async function treeCaches(context: WarmContext, planned: PlannedBuild): Promise<GoCaches | undefined> {
  if (context.options.modules !== 'trees') return undefined;
  const reason = await whyZips(context, planned);
  if (reason === undefined) return mountCaches(context, planned, { treeRun: newTreeRun(context) });
  context.onEvent({ type: 'message', level: 'info', text: `modules travel as zips: ${reason}` });
  return undefined;
}

async function whyZips(context: WarmContext, planned: PlannedBuild): Promise<string | undefined> {
  const { facts, userBuild } = planned;
  const whole = facts.wholeModules;
  if (whole !== undefined) return `\`${whole.command}\` in line ${whole.line} asks for whole modules`;
  const called = await findCalledWholeModules(checkoutOf(planned).directories, facts.calls ?? [], context.signal);
  if (called !== undefined)
    return `\`${called.command}\` in \`${called.file}\`, called in line ${called.line}, asks for whole modules`;
  // One platform is built on one node.
  if (context.engine.kind !== 'buildx' || userBuild.platforms.length < 2) return undefined;
  try {
    const { nodes } = await context.engine.inspect({ signal: context.signal });
    return nodes.length < 2 ? undefined : 'the builder has several nodes';
  } catch {
    // Who fills the mounts asks too, and tells what is wrong.
    return "the builder doesn't say what nodes it has";
  }
}
