import { addMount, removeMount } from '../edits.ts';
import { unlessCertain } from '../confidence.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { CommandInRun, ModuleFlow } from '../facts/module-flow.ts';
import type { RunStep } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { isToolInstall } from '../reading/fetches.ts';
import { mountFor } from '../reading/go-mounts.ts';
import { buildsOfFile, mayRunGoLater } from '../reading/image-use.ts';
import { usersOfLayer } from '../reading/layer-users.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const moduleLayerHiddenByMount: BuildRule = {
  id: 'module-layer-hidden-by-mount',
  number: 4,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'modules are downloaded into a layer that a mount then hides',
  check: (build) => {
    const downloads = new Set(build.flows.flatMap((flow) => hiddenBy(flow)).map(({ run }) => run));
    return [...downloads].map((run) => toProblem(build, run));
  },
};

/** The downloads into a layer that the compile of a flow can't see. */
function hiddenBy(flow: ModuleFlow): readonly CommandInRun[] {
  const use = flow.compile.command.go?.goModCache;
  // The modules of a tool are others.
  if (isToolInstall(flow.compile.command)) return [];
  if (flow.strategy === 'vendored' || use?.path === undefined || use.mount === undefined) return [];
  // A cache that starts from the files of a stage holds them.
  if (
    use.mount.values.from !== '' ||
    flow.downloads.some(({ command }) => /vendor/.test(command.go?.subcommand ?? ''))
  ) {
    return [];
  }
  return flow.downloads.filter(({ command }) => {
    const { go, wrappers } = command;
    const fills = go?.subcommand === 'mod download' || go?.subcommand === 'mod tidy' || go?.subcommand === 'get';
    const { path, mount, bind } = go?.goModCache ?? {};
    return (
      fills &&
      !isToolInstall(command) &&
      path === use.path &&
      mount === undefined &&
      bind === undefined &&
      !wrappers.includes('sudo')
    );
  });
}

function toProblem(build: ImageBuild, run: RunStep): Problem {
  const hidden = build.flows.filter((flow) => hiddenBy(flow).some((download) => download.run === run));
  const [download] = hidden.flatMap((flow) => hiddenBy(flow)).filter((each) => each.run === run);
  const [compile] = hidden.map((flow) => flow.compile);
  const mount = compile?.command.go?.goModCache.mount;
  const command = download?.command;
  if (download === undefined || command === undefined || compile === undefined || mount === undefined) {
    throw new TypeError('no flow hides this download');
  }
  return unlessCertain(mount.isCertain, {
    file: build.file,
    range: command.file === build.file && !run.isTrigger ? command.range : run.node.keywordRange,
    severity: 'high',
    message: `${commandName(command)} fills a layer that the mount on \`${mount.target ?? ''}\` hides from ${commandName(compile.command)}, which downloads the modules again`,
    cost: 'every module is downloaded twice, and the layer is dead weight',
    fix: fixOf(build, download, hidden),
  });
}

/** Both alike: modules in the layer where it is imported or read, in the mount else. */
function fixOf(build: ImageBuild, download: CommandInRun, hidden: readonly ModuleFlow[]): Fix | undefined {
  const path = download.command.go?.goModCache.path ?? '';
  const isImported = buildsOfFile(build).some(({ definitions }) =>
    definitions.some(({ cacheFrom }) => cacheFrom.length > 0),
  );
  const isNeeded = readsDirectory(build, download.run, path) || mayRunGoLater(build, download.run.stage);
  return isImported || isNeeded ? dropMounts(build, hidden) : addMounts(build, download, hidden);
}

function dropMounts(build: ImageBuild, hidden: readonly ModuleFlow[]): Fix | undefined {
  const mounts = new Set<MountFacts>();
  for (const { compile, downloads } of hidden) {
    for (const { command } of [compile, ...downloads]) {
      const { goCache, goModCache } = command.go ?? {};
      if (goModCache?.mount === undefined) continue;
      if (goCache?.mount === goModCache.mount || compile.run.isTrigger) return undefined;
      mounts.add(goModCache.mount);
    }
  }
  const edits = [...mounts].map((mount) => removeMount(build, mount));
  return { isSafe: true, title: 'Take the modules from the layer: remove the mount that hides it', edits };
}

function addMounts(build: ImageBuild, { run, command }: CommandInRun, hidden: readonly ModuleFlow[]): Fix | undefined {
  const path = command.go?.goModCache.path;
  const others = usersOfLayer(build, run, path);
  const runs = [
    ...new Set([run, ...hidden.flatMap(({ downloads }) => downloads).map((each) => each.run), ...others.runs]),
  ];
  const isAlike = hidden.every(({ compile }) => runs.every((each) => each.before.user === compile.run.before.user));
  // What one user writes into a cache, another one may not change.
  if (!isAlike || runs.some(({ isTrigger }) => isTrigger)) return undefined;
  const edits = runs.flatMap((each) => {
    const own = each.commands.find(({ go }) => go?.goModCache.path === path);
    if (own === undefined || own.go?.goModCache.mount !== undefined) return [];
    const mount = mountFor(build, own, 'gomodcache');
    return mount === undefined ? [] : [addMount(build, each, mount)];
  });
  return { isSafe: !others.hasUnknown, title: 'Download into the mount that the compile uses', edits };
}
