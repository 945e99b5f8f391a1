import { posix } from 'node:path';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import { removeCommand } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import { commandName } from '../reading/command-name.ts';
import { variantDifference } from '../reading/compile-variant.ts';
import type { BuildRule, Problem } from '../types.ts';

export const twoCompilesWithDifferentFlags: BuildRule = {
  id: 'two-compiles-with-different-flags',
  number: 12,
  subject: 'build',
  group: 'cache',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'a compile whose result nobody uses warms nothing for the next one',
  check: (build) => {
    const compiles = build.flows.map(({ compile }) => compile);
    return compiles.flatMap((first, index) => {
      const later = compiles.slice(index + 1).filter(({ run }) => run.stage.chain.includes(first.run.stage));
      const next = isBuild(first)
        ? later.find((second) => isBuild(second) && isUnused(build, first, second))
        : undefined;
      const isWarming = later.some((second) => variantDifference(first, second).names.length === 0);
      return next === undefined || isWarming ? [] : toProblems(build, first, next);
    });
  },
};

/** Others, such as tests, do something by running. */
function isBuild({ command: { go, isAlwaysRun } }: CommandInRun): boolean {
  const isGo = go?.program === 'go' || go?.program === 'xx-go';
  return isGo && go.isComplete && isAlwaysRun && (go.subcommand === 'build' || go.subcommand === 'install');
}

/** The second works in the same directory, and the first leaves nothing but its cache behind. */
function isUnused(build: ImageBuild, first: CommandInRun, second: CommandInRun): boolean {
  const [a, b] = [first.command.go, second.command.go];
  if (
    a === undefined ||
    b === undefined ||
    a.directory === undefined ||
    a.directory !== b.directory ||
    a.subcommand !== 'build'
  )
    return false;
  const output = outputOf(first);
  if (output === '/dev/null') return true;
  // Go throws the result of several packages away.
  if (output === undefined) return a.packages.length > 1 || a.packages.some(({ text }) => isPattern(text));
  return (
    output === outputOf(second) &&
    first.run.stage === second.run.stage &&
    !isUsedBetween(build, { first, second, output })
  );
}

function outputOf({ command: { go } }: CommandInRun): string | undefined {
  const value = go === undefined ? undefined : findGoFlag(go, 'o')?.value;
  return value === undefined || go?.directory === undefined ? undefined : posix.resolve(go.directory, value);
}

function isPattern(text: string): boolean {
  return text.includes('...') || text === 'std' || text === 'all';
}

interface Between {
  readonly first: CommandInRun;
  readonly second: CommandInRun;
  readonly output: string;
}

function isUsedBetween(build: ImageBuild, { first, second, output }: Between): boolean {
  const all = build.runs.flatMap((run) => run.commands.map((command) => ({ run, command })));
  const at = (wanted: CommandInRun): number => all.findIndex(({ command }) => command === wanted.command);
  const name = posix.basename(output);
  return all.slice(at(first) + 1, at(second)).some(({ command: { argv, isOpaque, text } }) => {
    return isOpaque || text.includes(name) || argv.some((word) => word.includes(name));
  });
}

function toProblems(build: ImageBuild, first: CommandInRun, second: CommandInRun): readonly Problem[] {
  const { names, isTotal } = variantDifference(first, second);
  const { command, run } = first;
  if (names.length === 0) return [];
  const isTwice = isTotal && first.run.stage === second.run.stage && covers(first, second);
  const edits = removeCommand(build, run, command);
  return [
    {
      file: build.file,
      range: command.file === build.file && !run.isTrigger ? command.range : run.node.keywordRange,
      severity: isTwice ? 'high' : 'medium',
      message: `${commandName(command)} leaves nothing but its cache, and ${commandName(second.command)} can't use ${isTotal ? 'it' : 'all of it'}, as ${names.join(', ')} differ${names.length === 1 ? 's' : ''}`,
      cost: isTotal ? 'a full compile whose result nobody uses' : 'packages are compiled twice',
      ...(edits && { fix: { isSafe: false, title: `Remove \`${command.text}\``, edits } }),
    },
  ];
}

/** `./...` covers `./cmd/app`. */
function covers({ command: one }: CommandInRun, { command: other }: CommandInRun): boolean {
  const directory = one.go?.directory ?? '';
  const paths = (other.go?.packages ?? []).map(({ text }) => posix.join(directory, text));
  const patterns = one.go?.packages.map(({ text }) => posix.join(directory, text)) ?? [];
  return (paths.length === 0 ? [directory] : paths).every((path) =>
    (patterns.length === 0 ? [directory] : patterns).some(
      (pattern) => pattern === path || (pattern.endsWith('/...') && `${path}/`.startsWith(pattern.slice(0, -3))),
    ),
  );
}
