import { posix } from 'node:path';
import type { FileTree } from '../../core/file-tree.ts';
import { readMakefile, setBuiltInVariables } from './read-makefile.ts';
import { MakeLimitError, noteNotFollowed, type MakeReading } from './reading.ts';
import { makeTargets, type MakeExecution } from './make-targets.ts';
import { readMakeCommand } from './read-make-command.ts';
import { UNKNOWN } from './text.ts';
import type { MakeCommand, MakeRecipe, MakeRun, MakeRunOptions, NotFollowed } from './types.ts';
import { newScope, setMakeVariable, type VariableScope } from './variables.ts';
import { resolveIn } from './wildcard.ts';

/**
 * What `make` would run, in its order: prerequisites first, each target once, `$(MAKE)` followed into other directories. Nothing is
 * run: what only a running make could know (`$(shell …)`, `$(eval …)`) is named in `notFollowed`. File times aren't known either; see
 * `isAlwaysRun`. Throws INPUT_INVALID for Makefiles that include each other in a circle.
 */
export function planMakeRun(tree: FileTree, options: MakeRunOptions): MakeRun {
  const result = { commands: [], recipes: [], notFollowed: [] };
  runMake(tree, options, { result, calls: [], isAlwaysRun: true, via: [] });
  return result;
}

interface Result {
  readonly commands: MakeCommand[];
  readonly recipes: MakeRecipe[];
  readonly notFollowed: NotFollowed[];
}

interface Call {
  readonly result: Result;
  /** The makes around this one, as text, to see a circle. */
  readonly calls: readonly string[];
  readonly isAlwaysRun: boolean;
  readonly via: readonly string[];
}

const MAX_CALLS = 10;
const BUDGET = 100_000;

function runMake(tree: FileTree, options: MakeRunOptions, call: Call): void {
  const { directory, file } = options;
  const root = options.root ?? '/';
  const currentDirectory = posix.join(root, directory).replace(/(?<=.)\/$/, '');
  const reading: MakeReading = {
    tree,
    directory,
    currentDirectory,
    globals: newScope(),
    rules: new Map(),
    patternRules: [],
    targetVariables: new Map(),
    exported: new Map(),
    exportsAll: false,
    defaultGoal: undefined,
    recipePrefix: '\t',
    notFollowed: call.result.notFollowed,
    budget: BUDGET,
  };
  const path = findMakefile(tree, directory, file);
  const place = { file: path ?? posix.join(directory, file ?? 'Makefile'), line: 1 };
  if (path === undefined) {
    noteNotFollowed(
      reading,
      place,
      file === undefined ? 'a directory without a Makefile' : `the Makefile \`${file}\`, which isn't there`,
    );
    return;
  }
  setOuterVariables(reading.globals, reading, options);
  try {
    readMakefile(reading, path);
    const goals =
      options.targets.length > 0 ? options.targets : reading.defaultGoal === undefined ? [] : [reading.defaultGoal];
    if (goals.length === 0) noteNotFollowed(reading, place, 'a Makefile without targets');
    setMakeVariable(reading.globals, 'MAKECMDGOALS', {
      value: options.targets.join(' '),
      isRecursive: false,
      origin: 'file',
    });
    makeTargets(goals, place, executionOf(reading, options, call));
  } catch (error) {
    if (!(error instanceof MakeLimitError)) throw error;
    noteNotFollowed(reading, place, 'the rest of a Makefile that is too large to expand');
  }
}

function executionOf(reading: MakeReading, options: MakeRunOptions, call: Call): MakeExecution {
  const { result } = call;
  return {
    reading,
    environment: options.environment,
    unknown: options.unknown ?? new Set(),
    commandLine: options.variables,
    isAlwaysRun: call.isAlwaysRun,
    via: call.via,
    addRecipe: (recipe) => void result.recipes.push(recipe),
    addCommand: (command) => {
      if (!followCommand(command, reading, options, call)) result.commands.push(command);
    },
  };
}

/** Follows a `make` in a recipe; false when the command is no make, or one that can't be followed. */
function followCommand(command: MakeCommand, reading: MakeReading, options: MakeRunOptions, call: Call): boolean {
  const line = readMakeCommand(command);
  const note = (): void => {
    const place = { file: command.file, line: lineOf(reading, command) };
    noteNotFollowed(reading, place, `\`${command.text}\``);
  };
  if (line === undefined) {
    const program = command.argv[0]?.slice(command.argv[0].lastIndexOf('/') + 1) ?? '';
    if (TASK_RUNNERS.has(program)) note();
    return false;
  }
  if (line.isDryRun) return true;
  const root = options.root ?? '/';
  const directory = line.directory === undefined ? undefined : treePath(line.directory, root);
  const key = JSON.stringify([directory, line.file, line.targets, [...line.variables]]);
  if (directory === undefined || !line.isComplete || call.calls.length >= MAX_CALLS || call.calls.includes(key)) {
    note();
    return false;
  }
  const inner: MakeRunOptions = {
    directory,
    root,
    ...(line.file === undefined ? {} : { file: line.file }),
    targets: line.targets,
    // What stands on the command line of a make is handed on to those it calls.
    variables: new Map([...options.variables, ...line.variables]),
    environment: command.env,
    unknown: command.unknown,
  };
  runMake(reading.tree, inner, {
    ...call,
    calls: [...call.calls, key],
    isAlwaysRun: command.isAlwaysRun,
    via: command.via,
  });
  return true;
}

const TASK_RUNNERS = new Set(['task', 'go-task', 'mage', 'just', 'ninja', 'bazel', 'bazelisk', 'earthly']);

function lineOf(reading: MakeReading, command: MakeCommand): number {
  const text = reading.tree.read(command.file) ?? '';
  return text.slice(0, command.range.start).split('\n').length;
}

function treePath(directory: string, root: string): string | undefined {
  const path = posix.relative(root, directory);
  return path === '..' || path.startsWith('../') ? undefined : path;
}

function findMakefile(tree: FileTree, directory: string, file: string | undefined): string | undefined {
  // Source: https://www.gnu.org/software/make/manual/html_node/Makefile-Names.html
  const names = file === undefined ? ['GNUmakefile', 'makefile', 'Makefile'] : [file];
  for (const name of names) {
    const path = resolveIn(directory, name);
    if (path !== undefined && tree.hasFile(path) && tree.read(path) !== undefined) return path;
  }
  return undefined;
}

function setOuterVariables(globals: VariableScope, reading: MakeReading, options: MakeRunOptions): void {
  for (const [name, value] of options.environment) {
    globals.variables.set(name, { value, isRecursive: true, origin: 'environment' });
  }
  for (const name of options.unknown ?? []) {
    globals.variables.set(name, { value: UNKNOWN, isRecursive: false, origin: 'environment' });
  }
  setBuiltInVariables(reading);
  for (const [name, value] of options.variables) {
    globals.variables.set(name, { value, isRecursive: true, origin: 'command line' });
  }
}
