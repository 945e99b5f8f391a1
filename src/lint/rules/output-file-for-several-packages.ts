import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import type { GoFlag } from '../../dockerfile/go-command/types.ts';
import { relativeTo } from '../../golang/packages/tree-paths.ts';
import { unlessCertain } from '../confidence.ts';
import { replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { mayBeDirectory } from '../reading/made-directories.ts';
import { type MatchedPackages, matchPackages } from '../reading/matched-packages.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const outputFileForSeveralPackages: BuildRule = {
  id: 'output-file-for-several-packages',
  number: 53,
  subject: 'build',
  group: 'modules',
  severity: 'high',
  fix: 'unsafe',
  summary: '`go build -o FILE` is given more than one package, which Go refuses',
  check: (build) => build.runs.flatMap((run) => run.commands.flatMap((command) => checkCommand(build, run, command))),
};

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Problem[] {
  const { go } = command;
  if (go?.subcommand !== 'build' || run.isTrigger || findGoFlag(go, 'buildmode') !== undefined) return [];
  const output = findGoFlag(go, 'o');
  const path = knownOutput(output);
  if (path === undefined || mayBeDirectory(build, run, { command, path })) return [];
  const matched = matchPackages(build, run, command);
  if (matched === undefined || matched.packages.length < 2) return [];
  const { packages } = matched;
  const words = go.packages.map(({ text }) => text).join(' ');
  const [first] = go.packages;
  const where = command.via.length === 0 ? '' : ` (reached by \`${command.via.join('` -> `')}\`)`;
  const fix = fixOf(command, matched);
  // Another image may have a directory of that name.
  const isCertain = !path.startsWith('/') || run.stage.image?.isGolang === true;
  return [
    unlessCertain(isCertain, {
      file: command.file,
      severity: 'high',
      range: first?.range ?? command.range,
      message: `\`${words}\` are ${packages.length} packages, and ${commandName(command)} has one file to write, \`${path}\`, so Go stops${where}`,
      cost: 'the build fails',
      ...(fix && { fix }),
    }),
  ];
}

/** A file name that is known; `-o dir/` and `-o /dev/null` take any number of packages. */
function knownOutput(output: GoFlag | undefined): string | undefined {
  const path = output?.value;
  const isKnown = output?.words.every(({ value }) => value !== undefined) === true && output.words.length > 0;
  return !isKnown ||
    path === undefined ||
    path === '' ||
    path === '/dev/null' ||
    /[/\\]$|[$*?`]|(?:^|\/)\.{1,2}$/.test(path)
    ? undefined
    : path;
}

/** The only program among them is what was meant. */
function fixOf({ go, file }: CommandFacts, { packages, directory }: MatchedPackages): Fix | undefined {
  const mains = packages.filter(({ name }) => name === 'main');
  const [main] = mains;
  const [word] = go?.packages ?? [];
  if (main === undefined || mains.length > 1 || word?.isExact !== true || go?.packages.length !== 1) return undefined;
  if (main.directory !== directory && directory !== '' && !main.directory.startsWith(`${directory}/`)) return undefined;
  const inside = relativeTo(directory, main.directory);
  const text = inside === '' ? '.' : `./${inside}`;
  return { isSafe: false, title: `Name the program, \`${text}\``, edits: [replace(file, word.range, text)] };
}
