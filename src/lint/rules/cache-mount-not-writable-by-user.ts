import { replace } from '../edits.ts';
import { unlessCertain } from '../confidence.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import { buildsOfFile } from '../reading/image-use.ts';
import { changesUser } from '../reading/retarget-mount.ts';
import { userOf, type RunUser } from '../reading/run-user.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const cacheMountNotWritableByUser: BuildRule = {
  id: 'cache-mount-not-writable-by-user',
  number: 7,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'a Go cache mount belongs to root, the RUN works as another user',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const user = userOf(run);
  if (user === undefined || user.isRoot || isMadeWritable(run)) return [];
  const mounts = new Set(run.commands.flatMap((command) => mountsOf(command, user)));
  return [...mounts]
    .filter((mount) => !mayWrite(mount, user))
    .map((mount) =>
      unlessCertain(mount.isCertain, {
        file: build.file,
        range: run.isTrigger ? run.range : mount.range,
        severity: 'high',
        message: `the cache on \`${mount.target ?? ''}\` belongs to ${ownerOf(mount)}, and this RUN works as \`${user.name}\`, so Go stops with "permission denied"`,
        cost: 'the build fails, or Go works without the cache',
        fix: fixOf(build, run, mount),
      }),
    );
}

/** The mounts over Go's caches; where the user's home isn't known, only one in a home of that name. */
function mountsOf({ go, wrappers }: CommandFacts, user: RunUser): readonly MountFacts[] {
  if (go === undefined || (go.kind !== 'compile' && go.kind !== 'download')) return [];
  if (wrappers.some(changesUser)) return [];
  return [go.goCache, go.goModCache].flatMap(({ path, mount }) => {
    const isHis = path !== undefined || mount?.target?.startsWith(`/home/${user.name}/`) === true;
    return mount !== undefined && isHis ? [mount] : [];
  });
}

/**
 * A new cache belongs to 0:0 with mode 0755, or to what `uid`, `gid` and `mode` say; one with `from=` to whom its files belong to.
 * Names have ids that only the image knows: any uid may be the right one.
 */
function mayWrite({ values }: MountFacts, { uid, gid }: RunUser): boolean {
  const { mode = 0o755 } = values;
  if (values.from !== '' || (mode & 0o002) !== 0) return true;
  if (values.uid !== undefined && (uid === undefined || values.uid === uid)) return true;
  const isOfGroup = values.gid !== undefined && (gid === undefined || values.gid === gid);
  return isOfGroup && (mode & 0o020) !== 0;
}

/** Something in the RUN gives the directory away first: `sudo chown`. */
function isMadeWritable({ commands }: RunStep): boolean {
  return commands.some(({ program }) => program === 'chown' || program === 'chmod' || program === 'su');
}

function ownerOf({ values: { uid = 0 } }: MountFacts): string {
  return uid === 0 ? 'root' : `uid ${uid}`;
}

/** The ids of a numeric USER, on this mount and all that are the same cache. */
function fixOf(build: ImageBuild, run: RunStep, mount: MountFacts): Fix | undefined {
  const uid = userOf(run)?.uid;
  if (uid === undefined || run.isTrigger || mount.values.uid !== undefined || mount.values.gid !== undefined) {
    return undefined;
  }
  const runs = buildsOfFile(build).flatMap((each) => each.runs);
  const others = runs.filter((each) => each.mounts.some((one) => isSame(one, mount)));
  const { options, isCertain } = idOptions(run, others);
  const edits: Edit[] = [];
  for (const each of others.flatMap(({ mounts }) => mounts).filter((one) => isSame(one, mount))) {
    if (build.text.slice(each.range.start, each.range.end) !== each.text || each.text.includes('"')) return undefined;
    edits.push(replace(build.file, { start: each.range.end, end: each.range.end }, options));
  }
  // What root writes into the same cache, the user could not change.
  const isAlone = others.every((each) => each.before.user === run.before.user && !each.isTrigger);
  return { isSafe: isAlone && isCertain, title: `Let the cache belong to uid ${uid}`, edits };
}

/** As USER is written, so that a build argument sets both; as numbers, which hold for the default only, where its ARG isn't in force. */
function idOptions(
  run: RunStep,
  others: readonly RunStep[],
): { readonly options: string; readonly isCertain: boolean } {
  const text = stepsBefore(run).findLast(({ node }) => node.name === 'user')?.node.args[0] ?? '';
  const names = [...text.matchAll(/\$\{?(?<name>\w+)/g)].map((match) => match.groups?.['name'] ?? '');
  const { env, user = '' } = run.before;
  const inForce = others.every(({ before }) => names.every((name) => before.env.get(name) === env.get(name)));
  const isPlain = /^(?:\w+|\$\w+|\$\{\w+\})(?::(?:\w+|\$\w+|\$\{\w+\}))?$/.test(text);
  const now = text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => env.get(name) ?? '');
  const isWritten = isPlain && inForce && now === user;
  const [uid = '', gid] = (isWritten ? text : user).split(':');
  const isNumeric = gid === undefined || /^\d+$/.test(user.split(':')[1] ?? '');
  return {
    options: `,uid=${uid}${gid === undefined || !isNumeric ? '' : `,gid=${gid}`}`,
    isCertain: isWritten || names.length === 0,
  };
}

function isSame(one: MountFacts, other: MountFacts): boolean {
  if (one.type !== 'cache' || one.target === undefined || other.target === undefined) return false;
  return one.identity === other.identity && isWithin(one.target, other.target);
}
