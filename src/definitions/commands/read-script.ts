import { bakeFromCommand } from '../bake/bake-command.ts';
import { composeFromCommand } from '../compose/compose-command.ts';
import type { DefinitionTree } from '../definition-tree.ts';
import type { InvocationPlace } from '../invocation.ts';
import type { BuildInvocation } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { directoryOf } from '../../core/file-tree.ts';
import { treePath } from '../values/tree-path.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import { readBuildCommand } from './build-command.ts';
import { commandRole } from './command-role.ts';
import type { Argument } from './flags.ts';
import { findMakefile, type MakeTarget } from './make-recipes.ts';
import { type ExpandedCommand, readScriptCommands } from './script-commands.ts';
import type { ShellScope } from './shell-values.ts';

export interface ScriptSource extends ShellScope {
  readonly tree: DefinitionTree;
  readonly placed: PlacedText;
  readonly place: InvocationPlace;
  readonly label: string;
  /** Directory of the tree the script runs in; undefined when it can't be known. */
  readonly directory: string | undefined;
  readonly ownDirectory?: string | undefined;
  /** Scripts and Makefiles that it calls are read too. */
  readonly followsCalls: boolean;
  readonly depth?: number;
}

const MAX_DEPTH = 4;

/** The builds that a script starts, also through bake and Compose files and, where asked, Makefiles and other scripts. */
export function readScriptBuilds(source: ScriptSource): readonly BuildInvocation[] {
  const { commands } = readScriptCommands(source.placed.text, source);
  return commands.flatMap((command) => buildsOf(command, source));
}

function buildsOf(command: ExpandedCommand, source: ScriptSource): readonly BuildInvocation[] {
  const around = insideOfRun(command);
  if (around !== undefined) return buildsOf(around, { ...source, place: { ...source.place, restoresMounts: true } });
  const role = commandRole(command);
  switch (role?.kind) {
    case 'build':
      return [readBuildCommand(command, role, source)];
    case 'bake':
      return bakeFromCommand(command, role.rest, source);
    case 'compose':
      return composeFromCommand(command, role.rest, source);
    case 'make':
      return followMake(command, role.rest, source);
    case 'script':
      return followScript(command, role.rest, source);
    default:
      return [];
  }
}

/** The command behind `slipway run … --`, which brings the mounts of its builds back. */
function insideOfRun(command: ExpandedCommand): ExpandedCommand | undefined {
  if (command.program !== 'slipway' || command.args[1]?.text !== 'run') return undefined;
  const dash = command.args.findIndex(({ text }) => text === '--');
  const args = dash < 0 ? [] : command.args.slice(dash + 1);
  const [first] = args;
  if (first === undefined) return undefined;
  return { ...command, args, program: first.text.slice(first.text.lastIndexOf('/') + 1), start: first.start };
}

function followScript(
  { directory }: ExpandedCommand,
  args: readonly Argument[],
  source: ScriptSource,
): readonly BuildInvocation[] {
  const depth = source.depth ?? 0;
  const script = args.find(({ text }) => !/^[-+]/.test(text));
  if (!source.followsCalls || depth >= MAX_DEPTH || directory === undefined || script === undefined) return [];
  const path = treePath(directory, script.text);
  const text = path === undefined ? undefined : source.tree.read(path);
  if (path === undefined || text === undefined) return [];
  const place = { ...source.place, file: path, kind: 'script' as const };
  return readScriptBuilds({
    ...source,
    placed: wholeText(text),
    place,
    label: `\`${path}\``,
    template: asWritten,
    isMakefile: false,
    directory,
    ownDirectory: directoryOf(path),
    depth: depth + 1,
  });
}

function followMake(
  { directory }: ExpandedCommand,
  args: readonly Argument[],
  source: ScriptSource,
): readonly BuildInvocation[] {
  const depth = source.depth ?? 0;
  if (!source.followsCalls || depth >= MAX_DEPTH || directory === undefined) return [];
  const call = readMakeCall(args);
  const folder = call.directory === undefined ? directory : treePath(directory, call.directory);
  const path =
    folder === undefined
      ? undefined
      : call.file === undefined
        ? findMakefile(source.tree, folder)
        : treePath(folder, call.file);
  if (folder === undefined || path === undefined) return [];
  return readMakeBuilds({ ...source, depth: depth + 1, directory: folder }, path, call);
}

interface MakeCall {
  readonly directory: string | undefined;
  readonly file: string | undefined;
  readonly variables: ReadonlyMap<string, Known>;
  readonly targets: readonly string[];
}

function readMakeCall(args: readonly Argument[]): MakeCall {
  const variables = new Map<string, Known>();
  const targets: string[] = [];
  let directory: string | undefined;
  let file: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const { text = '', certainty = 'known' } = args[index] ?? {};
    const assignment = /^([A-Za-z_][\w.-]*)[:?+]?=([^]*)$/.exec(text);
    if (text === '-C' || text === '--directory') directory = args[(index += 1)]?.text;
    else if (text === '-f' || text === '--file') file = args[(index += 1)]?.text;
    else if (/^-C./.test(text)) directory = text.slice(2);
    else if (assignment !== null) variables.set(assignment[1] ?? '', { text: assignment[2] ?? '', certainty });
    else if (!text.startsWith('-')) targets.push(text);
  }
  return { directory, file, variables, targets };
}

/** Builds in the recipes of the called targets and their prerequisites; of all targets when `call` is left out. */
export function readMakeBuilds(source: ScriptSource, path: string, call?: MakeCall): readonly BuildInvocation[] {
  const makefile = source.tree.makefile(path);
  const wanted = call === undefined ? [...makefile.targets.keys()] : call.targets;
  const roots = wanted.length === 0 && makefile.defaultTarget !== undefined ? [makefile.defaultTarget] : wanted;
  // The command line wins over the file, the file over the environment.
  const variables = new Map([...source.variables, ...makefile.variables, ...(call?.variables ?? [])]);
  const seen = new Set<string>();
  const builds: BuildInvocation[] = [];
  const visit = (name: string): void => {
    const target = makefile.targets.get(name) ?? patternTarget(makefile.targets, name);
    if (target === undefined || seen.has(name)) return;
    seen.add(name);
    if (call !== undefined) for (const each of target.prerequisites) visit(each);
    const place = { ...source.place, file: target.file, kind: 'makefile' as const };
    const shared = { ...source, place, variables, label: `target \`${name}\``, isMakefile: true };
    for (const placed of target.recipes) builds.push(...readScriptBuilds({ ...shared, placed }));
  };
  for (const name of roots) visit(name);
  return builds;
}

function patternTarget(targets: ReadonlyMap<string, MakeTarget>, name: string): MakeTarget | undefined {
  for (const [pattern, target] of targets) {
    const [prefix = '', suffix] = pattern.split('%');
    if (suffix !== undefined && name.length > pattern.length - 1 && name.startsWith(prefix) && name.endsWith(suffix))
      return target;
  }
  return undefined;
}

export function wholeText(text: string): PlacedText {
  return { text, offsetAt: (index) => index, range: { start: 0, end: text.length }, isExact: true };
}

export function asWritten(text: string): Known {
  return { text, certainty: text.includes('${{') ? 'unknown' : 'known' };
}
