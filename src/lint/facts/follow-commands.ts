import type { FileTree } from '../../core/file-tree.ts';
import { isGoProgram } from '../../dockerfile/go-command/classify.ts';
import { planMakeRun } from '../../golang/makefile/plan-make-run.ts';
import { readMakeCommand } from '../../golang/makefile/read-make-command.ts';
import { exactText } from '../../shell/mapped-text.ts';
import { readCommands } from '../../shell/read-commands.ts';
import type { ShellCommand } from '../../shell/types.ts';
import { baseName, SHELLS } from '../../shell/wrappers.ts';
import type { NotFollowed } from './command.ts';
import { repositoryPath, type SourcePlace } from './source-place.ts';
import { subTree } from './sub-tree.ts';
import { isWithin } from '../../dockerfile/go-text.ts';

/** A command with the file it stands in and how it was reached. */
export interface FollowedCommand {
  readonly command: ShellCommand;
  readonly file: string;
  readonly via: readonly string[];
}

export interface Following {
  readonly files: FileTree;
  readonly places: readonly SourcePlace[];
  readonly notFollowed: NotFollowed[];
}

const MAX_DEPTH = 5;

/**
 * What a command runs: the recipes of a `make`, the commands of a script of the repository, what stands behind `--` of any other one;
 * else the command itself. What can't be followed is noted. Throws INPUT_INVALID for Makefiles that include each other in a circle.
 */
export function followCommand(start: FollowedCommand, following: Following): readonly FollowedCommand[] {
  const { command, via } = start;
  if (command.isSetting || via.length > MAX_DEPTH) return [start];
  const program = baseName(command.argv[0] ?? '');
  if (/^g?make$/.test(program)) return followMake(start, following);
  const dashes = command.argv.indexOf('--');
  if (dashes > 0 && isGoProgram(command.argv[dashes + 1] ?? '') && !isGoProgram(program)) {
    return [
      {
        ...start,
        command: { ...command, argv: command.argv.slice(dashes + 1), words: command.words.slice(dashes + 1) },
      },
    ];
  }
  return followScript(start, following);
}

function followMake(start: FollowedCommand, following: Following): readonly FollowedCommand[] {
  const { command, via } = start;
  const line = readMakeCommand(command);
  const name = ['make', ...(line?.targets ?? [])].join(' ');
  const note = (what: string): readonly FollowedCommand[] => {
    following.notFollowed.push({ command, file: start.file, what });
    return [start];
  };
  if (line === undefined || line.isDryRun) return [start];
  const { directory } = line;
  const place = directory === undefined ? undefined : following.places.find(({ path }) => isWithin(directory, path));
  if (directory === undefined || place === undefined || !line.isComplete) return note(`\`${name}\``);
  const run = planMakeRun(subTree(following.files, place.directory), {
    directory: directory.slice(place.path.length).replace(/^\//, ''),
    root: place.path,
    ...(line.file === undefined ? {} : { file: line.file }),
    targets: line.targets,
    variables: line.variables,
    environment: command.env,
    unknown: command.unknown,
  });
  for (const { what } of run.notFollowed)
    following.notFollowed.push({ command, file: start.file, what: `${what} of \`${name}\`` });
  // The make stays, as what could not be followed may still be in it.
  const prefix = place.directory === '' ? '' : `${place.directory}/`;
  const found = run.commands.flatMap((each) =>
    followCommand(
      { command: each, file: `${prefix}${each.file}`, via: [...via, name, ...each.via.slice(1)] },
      following,
    ),
  );
  return run.notFollowed.length > 0 ? [start, ...found] : found;
}

/** `./build.sh`, `sh scripts/build.sh`: shell scripts that the repository has. */
function followScript(start: FollowedCommand, { files, places, notFollowed }: Following): readonly FollowedCommand[] {
  const { command, via } = start;
  const [program = '', ...args] = command.argv;
  const isShell = SHELLS.has(baseName(program)) || program === '.' || program === 'source';
  const script = isShell ? args.find((arg) => !/^[-+]/.test(arg)) : program;
  if (script === undefined || (!script.includes('/') && !isShell)) return [start];
  const { cwd } = command;
  const path = script.startsWith('/') ? script : cwd === undefined ? undefined : `${cwd}/${script}`;
  const file = path === undefined ? undefined : repositoryPath(places, path.replaceAll(/\/(?:\.\/)+/g, '/'));
  const text = file === undefined ? undefined : files.read(file);
  if (file === undefined || text === undefined || !(isShell || SHEBANG.test(text))) return [start];
  const { env, goEnv, unknown } = command;
  const run = readCommands(exactText(text), { env, goEnv, unknown, ...(cwd === undefined ? {} : { cwd }) });
  const following = { files, places, notFollowed };
  return run.commands.flatMap((each) => {
    const isAlwaysRun = each.isAlwaysRun && command.isAlwaysRun;
    return followCommand({ command: { ...each, isAlwaysRun }, file, via: [...via, script] }, following);
  });
}

const SHEBANG = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\S*\/)?(?:ba|da|a|k|z)?sh\b/;
