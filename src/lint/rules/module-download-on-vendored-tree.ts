import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import { compareGoVersions } from '../../golang/module/go-version.ts';
import { inDirectory } from '../../golang/packages/read-repository.ts';
import { planBuildList } from '../../golang/packages/resolve-import.ts';
import { removeCommand, removeMount } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { RunStep } from '../facts/step.ts';
import { readsDirectory } from '../reading/cache-readers.ts';
import { commandName } from '../reading/command-name.ts';
import { isContextBind } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Problem } from '../types.ts';

export const moduleDownloadOnVendoredTree: BuildRule = {
  id: 'module-download-on-vendored-tree',
  number: 22,
  subject: 'build',
  group: 'layers',
  severity: 'low',
  fix: 'safe',
  summary: 'modules are downloaded or mounted, though Go takes them from vendor/',
  check: (build) =>
    build.runs.flatMap((run) => (run.isTrigger ? [] : [...checkDownload(build, run), ...checkMount(build, run)])),
};

function checkDownload(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find(({ go }) => go?.subcommand === 'mod download' && go.packages.length === 0);
  const vendor = command && vendorOf(build, run, command);
  if (command === undefined || vendor === undefined || command.file !== build.file) return [];
  const users = build.runs.filter(
    (each) => each.stage.chain.includes(run.stage) && build.runs.indexOf(each) >= build.runs.indexOf(run),
  );
  const compiles = users.flatMap((user) => user.commands.filter(isCompile).map((each) => ({ user, each })));
  const path = command.go?.goModCache.path;
  if (path !== undefined && readsDirectory(build, run, path)) return [];
  if (compiles.length === 0 || users.some((user) => !leavesModulesAlone(user))) return [];
  if (compiles.some(({ user, each }) => vendorOf(build, user, each) !== vendor || !hasVendor(build, user, vendor)))
    return [];
  const edits = removeCommand(build, run, command);
  return [
    {
      file: build.file,
      range: command.range,
      message: `${commandName(command)} fetches modules that nothing reads, as \`${vendor}/modules.txt\` makes Go take them from there`,
      cost: 'a download of all modules whenever go.mod changes',
      ...(edits && { fix: { isSafe: true, title: 'Remove the download', edits } }),
    },
  ];
}

function checkMount(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find((each) => isCompile(each));
  const mount = command?.go?.goModCache.mount;
  const vendor = command && vendorOf(build, run, command);
  if (command === undefined || mount === undefined || vendor === undefined || !hasVendor(build, run, vendor)) return [];
  const isShared = run.commands.some(({ go }) => go?.goCache.mount === mount);
  const isUnused = run.commands.every(
    (each) => each.go === undefined || (isCompile(each) && vendorOf(build, run, each) === vendor),
  );
  if (isShared || !isUnused || !leavesModulesAlone(run) || !mount.isCertain) return [];
  return [
    {
      file: build.file,
      range: mount.range,
      message: `the mount over GOMODCACHE stays empty, as \`${vendor}/modules.txt\` makes Go take the modules from there`,
      cost: 'a mount that serves nothing',
      fix: { isSafe: false, title: 'Remove the mount', edits: [removeMount(build, mount)] },
    },
  ];
}

/** `go build`, `install`, `test`, `vet` of packages of the repository. */
function isCompile({ go }: CommandFacts): boolean {
  return go?.kind === 'compile' && !go.packages.some(({ text }) => text.includes('@'));
}

/** Neither a command of Go nor one that isn't known needs the module cache. */
function leavesModulesAlone({ commands, notFollowed }: RunStep): boolean {
  if (notFollowed.length > 0) return false;
  return commands.every(({ go, isOpaque }) => {
    if (go === undefined) return !isOpaque;
    return go.kind !== 'query' && (go.kind !== 'download' || go.subcommand === 'mod download') && go.isComplete;
  });
}

/**
 * The vendor directory that a go command reads by itself, as a path of the repository; undefined when it reads the module cache, or it can't
 * be told. Source: https://go.dev/ref/mod#vendoring
 */
function vendorOf({ repository }: ImageBuild, run: RunStep, { go, env, unknown }: CommandFacts): string | undefined {
  const directory = go?.directory === undefined ? undefined : repositoryPath(run.places, go.directory);
  if (go === undefined || directory === undefined || unknown.has('GOFLAGS') || unknown.has('GOWORK')) return undefined;
  const work = env.get('GOWORK');
  if ((work !== undefined && work !== '' && work !== 'off') || findGoFlag(go, 'modfile') !== undefined)
    return undefined;
  if (/-mod=(?:mod|readonly)\b/.test(env.get('GOFLAGS') ?? '')) return undefined;
  const mod = findGoFlag(go, 'mod')?.value;
  const list = planBuildList(repository.go, directory, { useWork: work !== 'off' });
  const since = list?.workspace === undefined ? '1.14' : '1.22';
  const version = (list?.workspace?.work ?? list?.main.mod)?.go?.value;
  const isOwn =
    mod === 'vendor' || (mod === undefined && version !== undefined && compareGoVersions(version, since) >= 0);
  return isOwn ? list?.vendorDirectory : undefined;
}

/** Is vendor/ in the container when the RUN works? */
function hasVendor({ context }: ImageBuild, run: RunStep, vendor: string): boolean {
  const file = inDirectory(vendor, 'modules.txt');
  if (!context.files.includes(file)) return false;
  if (run.mounts.some((mount) => isContextBind(mount))) return true;
  return stepsBefore(run).some(
    (step) =>
      (step.kind === 'copy' || step.kind === 'add') && step.sources.some(({ files }) => files?.includes(file) === true),
  );
}
