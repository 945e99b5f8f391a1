import { closeTrees } from '../buildkit/close-trees.ts';
import { onEachNode, type NodesRun } from '../buildkit/each-node.ts';
import { extractEntries } from '../buildkit/extract-entries.ts';
import { readHelperProgramAhead } from '../buildkit/helper-program.ts';
import { noSpace } from '../buildkit/helper-run.ts';
import type { HelperTarget } from '../buildkit/helper-dockerfile.ts';
import { injectPacks, joinInjected } from '../buildkit/inject-packs.ts';
import { formatMountKey } from '../buildkit/mount-flag.ts';
import { findNodes } from '../buildkit/node-platforms.ts';
import { probeMounts } from '../buildkit/probe-mounts.ts';
import type { MountKind } from '../core/mount-kind.ts';
import type { CachePlace, CacheWork, GoCaches } from './caches.ts';
import { gzipPacks } from './gzip-packs.ts';
import { helperImages } from './helper-images.ts';
import { planTarget } from './helper-target.ts';
import { readModuleSums } from './module-sums.ts';
import { leaveClosing } from './trees/closing-will.ts';
import { endedTreeRuns, type TreeRun } from './trees/tree-runs.ts';
import type { LastWill } from '../process/last-will.ts';
import type { PlannedBuild, WarmContext } from './types.ts';
import { checkoutOf } from './why-private.ts';

export interface MountManner {
  /** Modules come as trees: whoever asks for them closes them after the build. */
  readonly treeRun?: TreeRun;
}

/** The Go cache mounts of a build, behind the builder's helper builds: on each node that builds. */
export function mountCaches(context: WarmContext, planned: PlannedBuild, manner: MountManner = {}): GoCaches {
  const checkout = checkoutOf(planned);
  readHelperProgramAhead();
  // Which node has it isn't told apart: the same packs go to all.
  let hasProgram = false;
  const { treeRun } = manner;
  let nodes: ReturnType<typeof findNodes> | undefined;
  /** The run's name lies in the mounts, where trees may be open. */
  let isEntered = false;
  /** Trees may be open. */
  let wereOpened = false;
  let will: LastWill | undefined;
  const left = async (): Promise<void> => {
    isEntered = false;
    wereOpened = false;
    await treeRun?.end();
    will?.revoke();
    will = undefined;
  };
  const run = async (
    { signal, state, directory }: Omit<CacheWork, 'state'> & Partial<CacheWork>,
    order: Parameters<typeof helperImages>[2],
  ): Promise<NodesRun> => ({
    ...context,
    signal,
    directory,
    nodes: await (nodes ??= findNodes(context.engine, planned.userBuild.platforms, context.signal)),
    target: planTarget(planned, state),
    images: helperImages(context, planned, order),
    treeRun: treeRun?.id,
    endedRuns: await endedTreeRuns(context),
  });
  return {
    places: planned.facts.mounts.map(placeOf),
    buildPlace: 'builder',
    checkout,
    readSums: () => readModuleSums(checkout.directories, context.signal),
    canFetch: planned.facts.mounts.filter(({ kind }) => kind === 'gocache').length === 1,
    probe: async (work, request) => {
      await treeRun?.begin();
      isEntered = treeRun !== undefined;
      const nodesRun = await run(work, 'small-first');
      // Where there are several, each may hold something else.
      const asked = nodesRun.nodes.length === 1 ? request : { ...request, fill: undefined };
      const looks = await onEachNode(nodesRun, (node) => probeMounts(node, asked));
      const probes = looks.flatMap((look) => look.probes);
      hasProgram = probes.every((probe) => probe.hasProgram);
      return { probes, filling: looks[0]?.filling };
    },
    inject: async (work, request) => {
      const packs = hasProgram ? request.packs : await gzipPacks(request.packs, `${work.directory}-gzip`, work.signal);
      const all = await run(work, 'small-first');
      const nodesRun = { ...all, target: ofKind(all.target, request.onlyKind) };
      wereOpened ||= packs.some(({ isTrees }) => isTrees);
      if (wereOpened && treeRun !== undefined) will ??= leaveClosing(context, treeRun.id, all);
      const results = await onEachNode(nodesRun, (node) => injectPacks(node, { ...request, packs }));
      return joinInjected(results);
    },
    extract: async (work, request) => {
      const extracts = await onEachNode(await run(work, 'base-first'), (node, index) =>
        extractEntries(node, { ...request, exportTo: `${request.exportTo}-${index}` }),
      );
      await left();
      return extracts.flat();
    },
    ...(treeRun !== undefined && {
      closeTrees: async (work, how = { isForced: false }) => {
        if (!isEntered) return;
        await onEachNode(await run(work, 'small-first'), (node) => closeTrees(node, { ...how, wereOpened }));
        if (!how.isForced) await left();
      },
    }),
    noSpace,
  };
}

function ofKind(target: HelperTarget, kind: MountKind | undefined): HelperTarget {
  return { ...target, mounts: target.mounts.filter(({ mount }) => kind === undefined || mount.kind === kind) };
}

function placeOf({ kind, identity, target, line }: PlannedBuild['facts']['mounts'][number]): CachePlace {
  return { kind, id: identity.id, target, name: `${kind} mount of line ${line} (${formatMountKey(identity)})` };
}
