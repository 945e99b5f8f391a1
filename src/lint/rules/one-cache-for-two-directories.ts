import { replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import { goMounts } from '../reading/go-mounts.ts';
import { buildsOfFile } from '../reading/image-use.ts';
import { chainSteps } from '../reading/stage-steps.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const oneCacheForTwoDirectories: BuildRule = {
  id: 'one-cache-for-two-directories',
  number: 6,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'GOCACHE and GOMODCACHE lie in one directory',
  check: (build) => [...sharedMounts(build), ...build.runs.flatMap((run) => sharedPaths(build, run))],
};

/** Two mounts with different targets and one id are the same directory of the builder. */
function sharedMounts(build: ImageBuild): readonly Problem[] {
  const compiled = goMounts(build, 'gocache').filter(({ command }) => !hasSharedPath(command));
  const downloaded = goMounts(build, 'gomodcache').filter(({ command }) => !hasSharedPath(command));
  return downloaded.flatMap(({ run, command, mount }) => {
    const modules = inMount(mount, command.go?.goModCache.path);
    const other = compiled.find((each) => {
      const packages = inMount(each.mount, each.command.go?.goCache.path);
      const isOne = each.mount.identity === mount.identity && each.mount !== mount;
      return isOne && modules !== undefined && packages !== undefined && overlap(modules, packages);
    });
    if (other === undefined || !mount.isCertain || !other.mount.isCertain) return [];
    const id = mount.fields.findLast(({ key }) => key === 'id');
    const name = mount.values.id === '' ? `the target \`${mount.target ?? ''}\`` : `\`id=${mount.values.id}\``;
    return [
      {
        file: build.file,
        range: run.isTrigger ? run.range : (id?.range ?? mount.range),
        message: `${name} is one directory for GOMODCACHE on \`${mount.target ?? ''}\` and GOCACHE on \`${other.mount.target ?? ''}\``,
        cost: 'modules and compiled packages are cleaned, saved and restored with each other',
        fix: fixOf(build, mount),
      },
    ];
  });
}

/** Where the cache lies in the mount; undefined when that isn't known. */
function inMount({ target }: MountFacts, path: string | undefined): string | undefined {
  if (path === undefined || target === undefined || !isWithin(path, target)) return undefined;
  return `/${path.slice(target.length).replace(/^\//, '')}`;
}

function overlap(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

/** The settings put one cache into the other, and a mount keeps them. */
function sharedPaths(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find(
    (each) => hasSharedPath(each) && (each.go?.goCache.mount ?? each.go?.goModCache.mount) !== undefined,
  );
  const { path: packages = '' } = command?.go?.goCache ?? {};
  const { path: modules = '' } = command?.go?.goModCache ?? {};
  if (command === undefined) return [];
  const how =
    modules === packages
      ? `GOMODCACHE and GOCACHE are both \`${modules}\``
      : isWithin(modules, packages)
        ? `GOMODCACHE \`${modules}\` lies in GOCACHE \`${packages}\``
        : `GOCACHE \`${packages}\` lies in GOMODCACHE \`${modules}\`, which \`go clean -modcache\` deletes whole`;
  return [
    {
      file: build.file,
      range: placeOf(build, run, command),
      message: how,
      cost: 'modules and compiled packages are cleaned, saved and restored with each other',
    },
  ];
}

function hasSharedPath({ go }: CommandFacts): boolean {
  const [packages, modules] = [go?.goCache.path, go?.goModCache.path];
  return packages !== undefined && modules !== undefined && go?.kind !== 'environment' && overlap(packages, modules);
}

/** The ENV or ARG that says so, else the command. */
function placeOf(build: ImageBuild, run: RunStep, command: CommandFacts): Problem['range'] {
  const settings = chainSteps(run.stage)
    .flatMap((step) =>
      step.kind === 'env' || step.kind === 'arg' ? step.declares.map(({ name, range }) => ({ name, range })) : [],
    )
    .filter(({ name }) => name === 'GOMODCACHE' || name === 'GOCACHE');
  const own = command.file === build.file && !run.isTrigger ? command.range : run.node.keywordRange;
  return settings.at(-1)?.range ?? own;
}

/** An id of its own for the modules, everywhere in the file. */
function fixOf(build: ImageBuild, mount: MountFacts): Fix | undefined {
  const all = buildsOfFile(build).flatMap((each) => each.runs.flatMap(({ mounts }) => mounts));
  const own = buildsOfFile(build).flatMap((each) => goMounts(each, 'gomodcache'));
  const edits: Edit[] = [];
  for (const each of own.filter((one) => one.mount.identity === mount.identity)) {
    const id = each.mount.fields.findLast(({ key }) => key === 'id');
    const { goCache } = each.command.go ?? {};
    if (id?.value === undefined || each.run.isTrigger || goCache?.mount === each.mount) return undefined;
    if (build.text.slice(id.range.start, id.range.end) !== id.value) return undefined;
    edits.push(replace(build.file, id.range, `${id.value}-mod`));
  }
  const isTaken = all.some(({ values }) => values.id === `${mount.values.id}-mod`);
  return isTaken || edits.length === 0
    ? undefined
    : { isSafe: true, title: 'Give the modules an id of their own', edits };
}
