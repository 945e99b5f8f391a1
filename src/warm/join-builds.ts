import type { GoMount } from '../dockerfile/types.ts';
import type { PlannedBuild } from './types.ts';

/**
 * Builds of one command as few builds as their helpers can serve: each mount is restored and saved once, however many of them
 * use it. What stays apart: mounts with `from=`, which are only found on top of their own build, and other namespaces.
 */
export function joinBuilds(builds: readonly PlannedBuild[]): readonly PlannedBuild[] {
  const known = builds.filter(({ facts }) => facts.isKnownFrontend && facts.mounts.length > 0);
  const groups = Map.groupBy(
    known.flatMap((planned) => splitBySource(planned)),
    (planned) => groupKey(planned),
  );
  const seen = new Set<string>();
  return [...groups.values()].flatMap((group) => joinGroup(group, seen) ?? []);
}

/** A build with the mounts that any helper finds, and the same build with those that need its stages. */
function splitBySource(planned: PlannedBuild): readonly PlannedBuild[] {
  const [alone, onTop] = [false, true].map((isOnTop) =>
    planned.facts.mounts.filter(({ identity }) => (identity.from !== undefined) === isOnTop),
  );
  return [alone ?? [], onTop ?? []]
    .filter((mounts) => mounts.length > 0)
    .map((mounts) => ({ ...planned, facts: { ...planned.facts, mounts } }));
}

function groupKey({ facts, userBuild, dockerfilePath, dockerfileText }: PlannedBuild): string {
  const { namespace, from } = facts.mounts[0]?.identity ?? { namespace: '' };
  if (from === undefined) return namespace;
  const { context, buildArgs, buildContexts, platforms } = userBuild;
  return JSON.stringify([namespace, dockerfilePath, dockerfileText, context, buildArgs, buildContexts, platforms]);
}

/** One build with the mounts of all that no earlier group has; undefined where none is left. */
function joinGroup(group: readonly PlannedBuild[], seen: Set<string>): PlannedBuild | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const isOnTop = first.facts.mounts.some(({ identity }) => identity.from !== undefined);
  const own = isOnTop ? groupKey(first) : '';
  const mounts = group
    .flatMap(({ facts }) => facts.mounts)
    .filter((mount) => {
      const key = `${own} ${mountKey(mount)}`;
      return !seen.has(key) && seen.add(key);
    });
  if (mounts.length === 0) return undefined;
  const images = new Map(
    group.flatMap(({ facts }) => facts.baseImages.map((image) => [JSON.stringify(image), image] as const)),
  );
  return {
    ...first,
    userBuild: isOnTop
      ? first.userBuild
      : { ...first.userBuild, buildContexts: directoriesOf(group), platforms: platformsOf(group) },
    facts: { ...first.facts, mounts, baseImages: [...images.values()], goPrivate: privateOf(group) },
  };
}

/** Each of them may be another node's. A build that names none is for the first node, with whatever is joined to it. */
function platformsOf(group: readonly PlannedBuild[]): readonly string[] {
  if (group.some(({ userBuild }) => userBuild.platforms.length === 0)) return group[0]?.userBuild.platforms ?? [];
  return [...new Set(group.flatMap(({ userBuild }) => userBuild.platforms))];
}

function privateOf(group: readonly PlannedBuild[]): readonly string[] {
  return [...new Set(group.flatMap(({ facts }) => facts.goPrivate))];
}

/** A module that a go.sum of any of the contexts lists may be in a mount that they share. */
function directoriesOf(group: readonly PlannedBuild[]): readonly string[] {
  const contexts = group.slice(1).map(({ userBuild }, index) => `context-${index + 1}=${userBuild.context}`);
  return [...group.flatMap(({ userBuild }) => userBuild.buildContexts), ...contexts];
}

/** Equal where two builds mean the same directory of a builder. */
export function mountKey({ kind, identity, subdirectory }: GoMount): string {
  const { namespace, id, from, source, uid, gid, mode } = identity;
  return JSON.stringify([kind, subdirectory, namespace, id, from, source, uid, gid, mode]);
}
