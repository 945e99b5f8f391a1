import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { ModuleFlow } from '../facts/module-flow.ts';
import type { RunStep } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { hasSameSettings, isForgiving, isPlainDownload, removeDownloads, runsBetween } from '../reading/downloads.ts';
import type { BuildRule, Problem } from '../types.ts';

export const downloadStepBesideModuleMount: BuildRule = {
  id: 'download-step-beside-module-mount',
  number: 54,
  subject: 'build',
  group: 'layers',
  severity: 'low',
  fix: 'safe',
  summary: 'a download fills a module mount that the compile fills by itself',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const downloads = run.commands.filter((command) => isPlainDownload(command) && command.file === build.file);
  const [first] = downloads;
  if (first === undefined || isForgiving(run) || run.isTrigger) return [];
  if (run.commands.some((command) => !isKnown(command))) return [];
  if (!downloads.every((command) => isNeedless(build, run, command))) return [];
  const edits = removeDownloads(build, run, downloads);
  return [
    {
      file: build.file,
      range: first.range,
      message: `${commandName(first)} fills a mount that the compile fills itself: the step only makes it wait, and fetches modules that the program doesn't need`,
      cost: 'a serial step, and the modules of tests and tools',
      ...(edits && { fix: { isSafe: true, title: 'Remove the download', edits } }),
    },
  ];
}

/** Nothing in the RUN reads the modules. */
function isKnown({ go, isOpaque }: CommandFacts): boolean {
  return go === undefined ? !isOpaque : go.kind === 'environment' || go.subcommand === 'mod download';
}

/** Every compile behind it has both mounts, the same one for the modules, and may use the network as the download does. */
function isNeedless(build: ImageBuild, run: RunStep, command: CommandFacts): boolean {
  const mount = command.go?.goModCache.mount;
  const path = command.go?.goModCache.path;
  const flows = build.flows.filter(({ downloads }) => downloads.some((each) => each.command === command));
  if (mount === undefined || !mount.isCertain || flows.length === 0 || flows.some(({ compile }) => compile.run === run))
    return false;
  if (path !== undefined && readsDirectory(build, run, path)) return false;
  return flows.every((flow) => {
    const { go } = flow.compile.command;
    return (
      flow.strategy === 'mount' &&
      go?.goCache.mount !== undefined &&
      go.goModCache.mount?.identity === mount.identity &&
      go.goModCache.mount.isCertain &&
      hasSameSettings(flow.compile, { run, command }) &&
      canDownload(flow, run) &&
      runsBetween(build, run, flow.compile.run).every((each) => leavesModulesAlone(each))
    );
  });
}

function canDownload({ compile: { run, command } }: ModuleFlow, download: RunStep): boolean {
  if (run.network !== download.network || command.env.get('GOPROXY') === 'off') return false;
  const flags = command.go?.flags.find(({ name }) => name === 'mod');
  const credentials = download.mounts.filter(({ type }) => type !== 'cache' && type !== 'bind' && type !== 'tmpfs');
  return flags?.value !== 'vendor' && credentials.every(({ text }) => run.mounts.some((each) => each.text === text));
}

/** A RUN between that compiles, or has nothing to do with Go. */
function leavesModulesAlone({ commands, notFollowed, node }: RunStep): boolean {
  if (notFollowed.length > 0 || /GOMODCACHE|pkg\/mod\/(?!cache\b)\S/.test(node.raw)) return false;
  return commands.every(
    ({ go, isOpaque }) =>
      !isOpaque &&
      (go === undefined || ['compile', 'environment'].includes(go.kind) || go.subcommand === 'mod download'),
  );
}
