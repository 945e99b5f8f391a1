import { lighter } from '../confidence.ts';
import { removeMount, replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import { placesAt, repositoryPath } from '../facts/source-place.ts';
import { commandName } from '../reading/command-name.ts';
import { gapAt } from '../reading/flag-gap.ts';
import { manifestsOf } from '../reading/manifests.ts';
import { isContextBind } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const wholeContextBindOnDownload: BuildRule = {
  id: 'whole-context-bind-on-download',
  number: 18,
  subject: 'build',
  group: 'layers',
  severity: 'high',
  fix: 'safe',
  summary: 'a download has the whole build context mounted, so any edit runs it again',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const mount = run.mounts.find((each) => isContextBind(each));
  const command = pureDownload(run);
  if (mount === undefined || command === undefined || run.isTrigger) return [];
  const { module } = build;
  if (module !== undefined && (module.mod.requires.length === 0 || module.vendor !== undefined)) return [];
  const isMounted = command.go?.goModCache.mount !== undefined;
  const fix = fixOf(build, run, { mount, command });
  return [
    {
      file: build.file,
      range: mount.range,
      message: `the bind puts the whole build context into the key of ${commandName(command)}, so any edit runs it again`,
      cost: isMounted ? 'a look through the module cache after every edit' : 'a full module download after every edit',
      severity: isMounted ? lighter('high') : 'high',
      ...(fix && { fix }),
    },
  ];
}

/** The first download of a RUN that does nothing else. */
function pureDownload({ commands, notFollowed }: RunStep): CommandFacts | undefined {
  if (notFollowed.length > 0 || !commands.every((command) => isHarmless(command))) return undefined;
  return commands.find(({ go }) => go?.subcommand === 'mod download');
}

function isHarmless({ go, isSetting, isOpaque, program }: CommandFacts): boolean {
  if (isSetting) return true;
  if (go === undefined) return !isOpaque && QUIET.has(program);
  return go.kind === 'environment' || go.subcommand === 'mod download' || go.subcommand === 'mod verify';
}

const QUIET = new Set(['echo', 'printf', 'true', ':', 'set', 'mkdir', 'ls', 'pwd', 'test', '[']);

interface Found {
  readonly mount: MountFacts;
  readonly command: CommandFacts;
}

/** Binds of the manifests instead of the context; none when they lie in the stage already. */
function fixOf(build: ImageBuild, run: RunStep, { mount, command }: Found): Fix | undefined {
  const directory = command.go?.directory;
  const at = directory === undefined ? undefined : repositoryPath(run.places, directory);
  const { context, repository } = build;
  if (at === undefined || !context.hasFiles || mount.target === undefined) return undefined;
  const manifests = manifestsOf(repository.go, at, command);
  if (manifests === undefined || hasOthers(run, command)) return undefined;
  if (directory !== undefined && areCopied(build, run, { directory, at, manifests })) {
    return { isSafe: true, title: 'Remove the bind', edits: [removeMount(build, mount)] };
  }
  const start = context.directory === '' ? '' : `${context.directory}/`;
  if (manifests.some((path) => !path.startsWith(start) || /[,"\s$]/.test(path))) return undefined;
  const { target } = mount;
  const flags = manifests
    .map((path) => path.slice(start.length))
    .map((path) => `--mount=type=bind,source=${path},target=${shown(run, `${target === '/' ? '' : target}/${path}`)}`);
  const isPlain = mount.fields.every(({ key }) => /^(?:type|source|src|target|dst|destination|ro|readonly)$/.test(key));
  return {
    isSafe: isPlain,
    title: 'Bind the module manifests alone',
    edits: [replace(build.file, mount.range, flags.join(gapAt(build.text, mount)))],
  };
}

/** Relative to WORKDIR where it lies there, as most write it. */
function shown({ before }: RunStep, path: string): string {
  return before.workdir !== '/' && path.startsWith(`${before.workdir}/`) ? path.slice(before.workdir.length + 1) : path;
}

/** Downloads of another module in the same RUN. */
function hasOthers({ commands }: RunStep, { go }: CommandFacts): boolean {
  return commands.some((each) => each.go?.kind === 'download' && each.go.directory !== go?.directory);
}

interface Place {
  readonly directory: string;
  readonly at: string;
  readonly manifests: readonly string[];
}

function areCopied({ context }: ImageBuild, run: RunStep, { directory, at, manifests }: Place): boolean {
  const before = stepsBefore(run);
  const copied = new Set(
    before.flatMap((step) =>
      (step.kind === 'copy' || step.kind === 'add') && step.from === undefined
        ? step.sources.flatMap(({ files }) => files ?? [])
        : [],
    ),
  );
  return manifests.every((path) => copied.has(path)) && repositoryPath(placesAt(before, [], context), directory) === at;
}
