import { removeCommand, removeWords, replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import type { Edit, Fix } from '../types.ts';
import { commandsBefore } from './commands-before.ts';

/** After a download there is nothing left to do, else download what go.sum names. */
export function tidyFix(build: ImageBuild, run: RunStep, command: CommandFacts): Fix | undefined {
  const { go, words } = command;
  if (command.file !== build.file || run.isTrigger || go === undefined) return undefined;
  const before = commandsBefore(run, command);
  if (before.some((each) => each.go?.subcommand === 'mod init')) return undefined;
  if (before.some((each) => each.go?.subcommand === 'mod download')) {
    const edits = removeCommand(build, run, command);
    return edits && { isSafe: false, title: 'Remove `go mod tidy`', edits };
  }
  const tidy = words.find(({ text }) => text === 'tidy');
  const flags = go.flags.flatMap((flag) => flag.words);
  const removed = flags.length === 0 ? [] : removeWords(command, flags);
  if (tidy?.isExact !== true || removed === undefined) return undefined;
  return downloadFix([replace(build.file, tidy.range, 'download'), ...removed]);
}

/** `go get ./...` and `go get -d -v` only ever meant: have all modules. */
export function getFix(build: ImageBuild, run: RunStep, command: CommandFacts): Fix | undefined {
  const { go, words } = command;
  const isAll = go?.packages.every(({ text }) => /^\.(?:\/\.\.\.)?$/.test(text)) === true;
  const isPlain = go?.flags.every(({ name }) => name === 'd' || name === 'v') === true;
  if (command.file !== build.file || run.isTrigger || go === undefined || !isAll || !isPlain) return undefined;
  if (commandsBefore(run, command).some((each) => each.go?.subcommand === 'mod init')) return undefined;
  const get = words.find(({ text }) => text === 'get');
  const rest = [...go.flags.flatMap((flag) => flag.words), ...go.packages];
  const removed = rest.length === 0 ? [] : removeWords(command, rest);
  if (get?.isExact !== true || removed === undefined) return undefined;
  return downloadFix([replace(build.file, get.range, 'mod download'), ...removed]);
}

function downloadFix(edits: readonly Edit[]): Fix {
  return { isSafe: false, title: 'Write `go mod download`', edits };
}
