import { workspaceAt } from '../../golang/packages/read-repository.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { RunStep } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { hasSameSettings, isForgiving, isPlainDownload, removeDownloads, runsBetween } from '../reading/downloads.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Problem } from '../types.ts';

export const duplicateModuleDownload: BuildRule = {
  id: 'duplicate-module-download',
  number: 21,
  subject: 'build',
  group: 'layers',
  severity: 'low',
  fix: 'safe',
  summary: 'a second download finds all modules there already',
  check: (build) => {
    const all = build.runs.flatMap((run) => run.commands.map((command): CommandInRun => ({ run, command })));
    const downloads = all.filter(({ run, command }) => !run.isTrigger && isPlainDownload(command));
    return downloads.flatMap((second, index) => {
      const first = downloads.slice(0, index).find((each) => isRepeated(build, each, second));
      return first === undefined ? [] : [problem(build, first, second)];
    });
  },
};

function problem(build: ImageBuild, first: CommandInRun, { run, command }: CommandInRun): Problem {
  const edits = removeDownloads(build, run, [command]);
  const { line } = build.tree.positionAt(
    first.command.file === build.file ? first.command.range.start : first.run.range.start,
  );
  return {
    file: build.file,
    range: command.file === build.file ? command.range : run.node.keywordRange,
    message: `${commandName(command)} finds all modules there: line ${line} downloaded them for the same go.mod`,
    cost: 'a step that only looks at each module again',
    ...(edits && { fix: { isSafe: true, title: 'Remove the second download', edits } }),
  };
}

/** The same download twice, with nothing between that may change what it fetches or take it away. */
function isRepeated(build: ImageBuild, first: CommandInRun, second: CommandInRun): boolean {
  if (!second.run.stage.chain.includes(first.run.stage) || isForgiving(first.run)) return false;
  const [a, b] = [first.command.go, second.command.go];
  if (a?.goModCache.mount?.identity !== b?.goModCache.mount?.identity) return false;
  if (a?.goModCache.path !== b?.goModCache.path || a?.directory === undefined || a.directory !== b?.directory)
    return false;
  const module = repositoryPath(first.run.places, a.directory);
  if (module === undefined || module !== repositoryPath(second.run.places, a.directory)) return false;
  if (workspaceAt(build.repository.go, module) !== undefined || first.command.file !== second.command.file)
    return false;
  if (!hasSameSettings(first, second) || isFilledByCopy(second, first)) return false;
  const between = [first.run, ...runsBetween(build, first.run, second.run), second.run];
  return between.every((run) => keepsModules(run, second));
}

/** Another stage or image may bring another go.mod. */
function isFilledByCopy({ run, command }: CommandInRun, first: CommandInRun): boolean {
  const before = new Set(stepsBefore(first.run));
  const directory = command.go?.directory ?? '/';
  return stepsBefore(run).some((step) => {
    if ((step.kind !== 'copy' && step.kind !== 'add') || before.has(step) || step.from === undefined) return false;
    const { destination } = step;
    return destination === undefined || isWithin(directory, destination) || isWithin(destination, directory);
  });
}

function keepsModules(run: RunStep, second: CommandInRun): boolean {
  if (run.notFollowed.length > 0) return false;
  const until = run === second.run ? run.commands.indexOf(second.command) : run.commands.length;
  return run.commands.slice(0, until).every((command) => {
    const { go, isOpaque, argv, redirects } = command;
    if (isOpaque || redirects.some(({ target }) => /go\.(?:mod|sum)/.test(target?.text ?? ''))) return false;
    if (go === undefined)
      return !argv.some((word) => /go\.(?:mod|sum)|pkg\/mod|GOMODCACHE|\.netrc|\.gitconfig|insteadOf/.test(word));
    return go.subcommand === 'mod download' || (go.kind !== 'download' && go.kind !== 'clean' && go.kind !== 'other');
  });
}
