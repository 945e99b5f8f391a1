import type { Range } from '../../dockerfile/tree.ts';
import type { Known } from '../values/certainty.ts';
import { treePath } from '../values/tree-path.ts';
import type { Argument } from './flags.ts';
import { expandShell, type ShellScope } from './shell-values.ts';
import { type ScriptCommand, type ScriptWord, splitScript } from './split-script.ts';

/** A command of a script with its variables filled in. Places are indices in the script. */
export interface ExpandedCommand extends Range {
  /** Program and arguments, wrappers (`sudo`, `time`, `env A=b`) and reserved words taken off. */
  readonly args: readonly Argument[];
  /** Last part of the program's path. */
  readonly program: string;
  /** Directory of the tree it runs in; undefined when it can't be known. */
  readonly directory: string | undefined;
}

export interface ScriptStart extends ShellScope {
  readonly directory: string | undefined;
  /** Directory of the script's own file, what `dirname "$0"` says. */
  readonly ownDirectory?: string | undefined;
}

export interface ScriptRun {
  readonly commands: readonly ExpandedCommand[];
  /** Variables in force at its end. */
  readonly variables: ReadonlyMap<string, Known>;
}

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{', '}', 'fi', 'done', 'esac']);
const WRAPPERS = new Set(['sudo', 'time', 'env', 'exec', 'command', 'nice', 'nohup', 'ionice', 'retry', 'builtin']);
const DECLARING = new Set(['export', 'local', 'readonly', 'declare', 'typeset']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;

/** Reads a script from top to bottom: its assignments, its `cd`s and every command. Branches all count as run. */
export function readScriptCommands(script: string, start: ScriptStart): ScriptRun {
  const variables = new Map(start.variables);
  const scope = { ...start, variables };
  const commands: ExpandedCommand[] = [];
  let directory = start.directory;
  for (const command of splitScript(script)) {
    let rest = withoutPrefix(command.words);
    for (let count = assign(rest, scope); count > 0; count = assign(rest, scope))
      rest = withoutPrefix(rest.slice(count));
    if (rest.length === 0) continue;
    const args = rest.flatMap((word) => toArguments(word, scope));
    const [first] = args;
    if (first === undefined) continue;
    const program = first.text.slice(first.text.lastIndexOf('/') + 1);
    if (DECLARING.has(program)) assign(rest.slice(1), scope);
    else if (program === 'cd' || program === 'pushd') directory = changed(directory, args[1], start);
    else if (program === 'popd') directory = undefined;
    else commands.push({ args, program, directory, start: command.start, end: command.end });
  }
  return { commands, variables };
}

/** Without `then`, make's `@` and `-` in front, `sudo -E`, `env A=b`. */
function withoutPrefix(words: ScriptCommand['words']): readonly ScriptWord[] {
  let rest = words;
  for (;;) {
    const [first] = rest;
    if (first === undefined) return rest;
    const name = first.raw.replace(/^[@+-]+(?=[A-Za-z./$])/, '');
    if (RESERVED.has(name) || WRAPPERS.has(name)) {
      rest = rest.slice(1);
      while (WRAPPERS.has(name) && rest[0]?.raw.startsWith('-')) rest = rest.slice(1);
    } else if (name === '@' || name === '-@' || name === '@-') rest = rest.slice(1);
    else if (name !== first.raw) {
      const shift = first.raw.length - name.length;
      return [{ ...first, raw: name, text: first.text.slice(shift), start: first.start + shift }, ...rest.slice(1)];
    } else return rest;
  }
}

/** Takes the assignments in front; answers how many there were. `A=b command` counts for the rest of the script too: seldom wrong for builds. */
function assign(words: readonly ScriptWord[], scope: ShellScope & { readonly variables: Map<string, Known> }): number {
  let count = 0;
  for (const { raw, text } of words) {
    const name = ASSIGNMENT.exec(raw)?.[1];
    if (name === undefined) break;
    const value = raw.includes("='") ? { text: text.slice(name.length + 1), certainty: 'known' as const } : undefined;
    scope.variables.set(name, value ?? expandShell(text.slice(name.length + 1), scope));
    count += 1;
  }
  return count;
}

const OWN_DIRECTORY =
  /^\$\(\s*dirname\s+(?:--\s+)?["']?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?["']?\s*\)(?<rest>(?:\/[^$`]*)?)$/;
const REPOSITORY_ROOT =
  /^(?:\$\(\s*git rev-parse --show-toplevel\s*\)|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR)\}?)(?<rest>(?:\/[^$`]*)?)$/;

function changed(
  directory: string | undefined,
  argument: Argument | undefined,
  { ownDirectory }: ScriptStart,
): string | undefined {
  const text = argument?.text ?? '';
  const own = OWN_DIRECTORY.exec(text)?.groups?.['rest'];
  if (own !== undefined) return ownDirectory === undefined ? undefined : treePath(ownDirectory, `.${own}`);
  const root = REPOSITORY_ROOT.exec(text)?.groups?.['rest'];
  if (root !== undefined) return treePath('', `.${root}`);
  if (argument?.certainty !== 'known' || directory === undefined) return undefined;
  return treePath(directory, text);
}

function toArguments(word: ScriptWord, scope: ShellScope): readonly Argument[] {
  const { raw, start, end } = word;
  const quote = /^(["'])[^]*\1$/.exec(raw)?.[1];
  const isSingle = quote === "'" && !raw.slice(1, -1).includes("'");
  const known = isSingle ? ({ text: word.text, certainty: 'known' } as const) : expandShell(word.text, scope);
  const isWhole = quote !== undefined && raw.length >= 2;
  const span = isWhole ? { start: start + 1, end: end - 1 } : { start, end };
  const isExact = known.text === (isWhole ? raw.slice(1, -1) : raw);
  // An unquoted variable falls into words.
  const isSplit =
    !raw.includes('"') && !raw.includes("'") && /^(?:\$[A-Za-z_(]|\$\{(?!\{)|`)/.test(raw) && known.text !== raw;
  if (!isSplit || !/\s/.test(known.text.trim())) return [{ ...known, ...span, isExact }];
  return splitScript(known.text)
    .flatMap(({ words }) => words)
    .map(({ text }) => ({
      text,
      certainty: /\$|`/.test(text) ? known.certainty : 'known',
      start,
      end,
      isExact: false,
    }));
}
