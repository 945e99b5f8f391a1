import type { BuildInvocation } from '../../definitions/types.ts';
import { removeMount } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { CommandInRun, ModuleFlow } from '../facts/module-flow.ts';
import { commandName } from '../reading/command-name.ts';
import { isToolInstall } from '../reading/fetches.ts';
import { bringsSources, isContextBind } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const hybridModuleDownloadBehindLayerCache: BuildRule = {
  id: 'hybrid-module-download-behind-layer-cache',
  number: 5,
  subject: 'build',
  group: 'cache',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'an imported layer skips the download that should fill the module mount',
  check: (build) => {
    const runs = new Set<CommandInRun['run']>();
    return build.flows.flatMap((flow) => {
      const [download] = flow.downloads;
      if (download === undefined || runs.has(download.run)) return [];
      const problems = checkFlow(build, flow, download);
      if (problems.length > 0) runs.add(download.run);
      return problems;
    });
  },
};

function checkFlow(build: ImageBuild, flow: ModuleFlow, download: CommandInRun): readonly Problem[] {
  const mount = download.command.go?.goModCache.mount;
  if (flow.strategy !== 'mount' || mount === undefined || flow.compile.run === download.run) return [];
  if (isToolInstall(flow.compile.command)) return [];
  if (!isKeyedByManifests(download)) return [];
  const invocation = build.definitions.find((each) => importsLayer(build, each, download));
  const entry = invocation?.cacheFrom.find(isImport);
  if (invocation === undefined || entry === undefined) return [];
  const { command, run } = download;
  return [
    {
      file: build.file,
      range: command.file === build.file && !run.isTrigger ? command.range : run.node.keywordRange,
      message: `\`${entry.setting.text}\` (${invocation.label}) brings the layer of ${commandName(command)} and not the mount on \`${mount.target ?? ''}\`, so that step is CACHED and ${commandName(flow.compile.command)} finds no modules`,
      cost: 'all modules are downloaded during the compile on each new runner',
      fix: fixOf(build, flow),
    },
  ];
}

/** Only a step whose key outlives an edit of the sources can be CACHED while the compile isn't. */
function isKeyedByManifests({ run }: CommandInRun): boolean {
  if (run.mounts.some((mount) => isContextBind(mount))) return false;
  return !stepsBefore(run).some((step) => bringsSources(step));
}

/** The job starts with an empty builder, nothing fills its mounts, and the download's layer is in what it imports. */
function importsLayer(build: ImageBuild, invocation: BuildInvocation, { run }: CommandInRun): boolean {
  const { builder, restoresMounts, cacheFrom, noCache } = invocation;
  if (builder !== 'ephemeral' || restoresMounts || noCache !== undefined || !cacheFrom.some(isImport)) return false;
  const passed = invocation.buildArgs.filter(({ value }) => value?.certainty === 'per-commit').map(({ name }) => name);
  const declared = stepsBefore(run).flatMap((step) => (step.kind === 'arg' ? step.declares : []));
  if (declared.some(({ name }) => passed.includes(name))) return false;
  const types = new Set(cacheFrom.filter(isImport).map(({ type }) => type));
  const writers = build.definitions.flatMap(({ cacheTo }) => cacheTo).filter(({ type }) => types.has(type));
  // `mode=min` holds the layers of the image alone.
  return writers.some(({ mode }) => mode === 'max' || (mode === 'min' && build.target.chain.includes(run.stage)));
}

function isImport({ type, condition }: BuildInvocation['cacheFrom'][number]): boolean {
  return type !== undefined && type !== 'inline' && condition === undefined;
}

/** The layer is what is imported, so the modules go there. */
function fixOf(build: ImageBuild, { compile, downloads }: ModuleFlow): Fix | undefined {
  const mounts = new Set<MountFacts>();
  for (const { run, command } of [...downloads, compile]) {
    const { goCache, goModCache } = command.go ?? {};
    if (run.isTrigger || goModCache?.mount === undefined || goCache?.mount === goModCache.mount) return undefined;
    mounts.add(goModCache.mount);
  }
  return {
    isSafe: false,
    title: 'Keep the modules in the layer: remove their mounts',
    edits: [...mounts].map((mount) => removeMount(build, mount)),
  };
}
