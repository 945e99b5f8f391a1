import type { MountKind } from '../../core/mount-kind.ts';
import { replace } from '../edits.ts';
import { unlessCertain } from '../confidence.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import { commandName } from '../reading/command-name.ts';
import { variantDifference } from '../reading/compile-variant.ts';
import { goMounts, meansTheSame, type GoMount } from '../reading/go-mounts.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const mountIdentityDiffers: BuildRule = {
  id: 'mount-identity-differs',
  number: 8,
  subject: 'build',
  group: 'cache',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'two RUNs mean one cache and name two',
  check: (build) => [...checkKind(build, 'gomodcache'), ...checkKind(build, 'gocache')],
};

/** Each mount against the first one for the same cache in its stage or the stages below. */
function checkKind(build: ImageBuild, kind: MountKind): readonly Problem[] {
  const all = goMounts(build, kind).filter(({ command: { go } }) => {
    return go?.kind === 'compile' || (go?.kind === 'download' && kind === 'gomodcache');
  });
  return all.flatMap((each, index) => {
    const before = all
      .slice(0, index)
      .filter(({ run }) => run !== each.run && each.run.stage.chain.includes(run.stage));
    const first = before.find((other) => isSameCache(kind, other, each));
    const names = first === undefined ? [] : differences(first.mount, each.mount);
    if (first === undefined || names.length === 0 || isOnPurpose(kind, first, each)) return [];
    const isOtherUser = first.run.before.user !== each.run.before.user;
    return [
      unlessCertain(first.mount.isCertain && each.mount.isCertain, {
        file: build.file,
        range: each.run.isTrigger ? each.run.range : each.mount.range,
        severity: isOtherUser ? 'low' : 'medium',
        message: `this is another cache than the one ${commandName(first.command)} fills for \`${each.mount.target ?? ''}\`: ${names.map((name) => described(name, first.mount, each.mount)).join(', ')}`,
        cost:
          kind === 'gomodcache' ? 'modules are downloaded for each of them' : 'packages are compiled for each of them',
        fix: isOtherUser ? undefined : fixOf(build, first, each),
      }),
    ];
  });
}

/** Both are for one directory of Go's; where its path isn't known, they have the same target. */
function isSameCache(kind: MountKind, one: GoMount, other: GoMount): boolean {
  const [a, b] = [one, other].map(({ command: { go } }) => (kind === 'gocache' ? go?.goCache : go?.goModCache)?.path);
  return a === undefined || b === undefined ? one.mount.target === other.mount.target : a === b;
}

/** Two ids keep compiles apart that share nothing anyway. */
function isOnPurpose(kind: MountKind, one: GoMount, other: GoMount): boolean {
  const areNamed = one.mount.values.id !== '' && other.mount.values.id !== '';
  return kind === 'gocache' && areNamed && variantDifference(one, other).isTotal;
}

const NAMES = ['id', 'target', 'uid', 'gid', 'mode', 'from', 'source'] as const;
type Name = (typeof NAMES)[number];

/** What makes them two: without an id, the target is the name. */
function differences(one: MountFacts, other: MountFacts): readonly Name[] {
  if (one.identity === other.identity && one.target === other.target) return [];
  return NAMES.filter((name) =>
    name === 'target' ? one.target !== other.target : one.values[name] !== other.values[name],
  );
}

function described(name: Name, one: MountFacts, other: MountFacts): string {
  const shown = (mount: MountFacts): string => {
    const value = name === 'target' ? mount.target : mount.values[name];
    if (value === undefined || value === '') return `no ${name}`;
    return `\`${name}=${name === 'mode' ? value.toString(8) : String(value)}\``;
  };
  return `${shown(other)}, not ${shown(one)}`;
}

function fixOf(build: ImageBuild, first: GoMount, { run, command, mount }: GoMount): Fix | undefined {
  const { goCache, goModCache } = command.go ?? {};
  const isExact = build.text.slice(mount.range.start, mount.range.end) === mount.text;
  if (run.isTrigger || !isExact || goCache?.mount === goModCache?.mount) return undefined;
  if (!meansTheSame(first.mount, first.run.before.env, command.env)) return undefined;
  const edits = [replace(build.file, mount.range, first.mount.text)];
  return { isSafe: false, title: 'Use the same cache in both', edits };
}
