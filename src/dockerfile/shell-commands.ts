import { expandWord } from './word.ts';
import { WordError } from './word-error.ts';

/** One simple command of a shell script, as far as it can be read without running it. */
export interface ShellCommand {
  /** Words with quotes taken off and known variables filled in. */
  readonly argv: readonly string[];
  /** The words as written. */
  readonly written: readonly string[];
  /** These, joined by one space. */
  readonly text: string;
  /** Variables in force for it; a name is missing when its value can't be known. */
  readonly env: ReadonlyMap<string, string>;
  /** What `go env -w` set before it. */
  readonly goEnv: ReadonlyMap<string, string>;
}

export interface ShellRun {
  readonly commands: readonly ShellCommand[];
  readonly env: ReadonlyMap<string, string>;
  readonly goEnv: ReadonlyMap<string, string>;
}

/**
 * Follows a shell script line by line: assignments, `export`, `env`, `go env -w`, wrappers such as `exec` and `time`, `sh -c` and
 * command substitutions. Both branches of an `if` count as run. A reading aid, not a shell: what it can't read it leaves out.
 */
export function readShellCommands(
  script: string,
  env: ReadonlyMap<string, string>,
  goEnv: ReadonlyMap<string, string> = new Map(),
): ShellRun {
  const run: Run = { commands: [], env: new Map(env), goEnv: new Map(goEnv) };
  readScript(run, script, 0);
  return run;
}

interface Run {
  readonly commands: ShellCommand[];
  readonly env: Map<string, string>;
  readonly goEnv: Map<string, string>;
}

const MAX_DEPTH = 8;

function readScript(run: Run, script: string, depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const words of splitScript(script)) {
    for (const word of words) {
      for (const inner of substitutions(word)) readScript(run, inner, depth + 1);
    }
    readCommand(run, words, depth);
  }
}

const RESERVED = new Set([
  'if',
  'then',
  'else',
  'elif',
  'while',
  'until',
  'do',
  '!',
  '{',
  '}',
  'fi',
  'done',
  'time',
  'esac',
]);
const WRAPPERS = new Set([
  'exec',
  'nice',
  'nohup',
  'command',
  'builtin',
  'sudo',
  'env',
  'time',
  'ionice',
  'xargs',
  'stdbuf',
]);
const SHELLS = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=([^]*)$/;

function readCommand(run: Run, written: readonly string[], depth: number): void {
  const words = [...written];
  while (words[0] !== undefined && RESERVED.has(words[0])) words.shift();
  const env = new Map(run.env);
  const hasCommand = words.some((word) => !ASSIGNMENT.test(word));
  const target = hasCommand ? env : run.env;
  takeAssignments(words, target);
  let isWrapped = true;
  while (isWrapped && words.length > 0) {
    isWrapped = false;
    const name = baseName(plain(words[0] ?? '', env));
    if (WRAPPERS.has(name)) {
      words.shift();
      isWrapped = true;
      while (words[0]?.startsWith('-')) if (words.shift() === '-u' && name === 'env') env.delete(words.shift() ?? '');
      takeAssignments(words, env);
    } else if (name === 'timeout' || name === 'gosu' || name === 'su-exec') {
      words.shift();
      isWrapped = true;
      while (words[0]?.startsWith('-')) words.shift();
      words.shift();
    }
  }
  const [first] = words;
  if (first === undefined) return;
  const argv = words.map((word) => plain(word, env));
  const name = baseName(argv[0] ?? '');
  if (name === 'export' || name === 'declare' || name === 'readonly' || name === 'typeset') {
    takeAssignments(
      words.slice(1).filter((word) => ASSIGNMENT.test(word)),
      run.env,
    );
    return;
  }
  if (name === 'unset') {
    for (const each of argv.slice(1)) run.env.delete(each);
    return;
  }
  if (name === 'go' && argv[1] === 'env' && argv[2] === '-w') {
    takeAssignments(words.slice(3), run.goEnv, env);
    return;
  }
  run.commands.push({ argv, written: words, text: words.join(' '), env, goEnv: new Map(run.goEnv) });
  const inline = SHELLS.has(name) || name === 'su' ? shellArgument(argv) : undefined;
  if (inline === undefined) return;
  run.commands.pop();
  const inner: Run = { commands: run.commands, env: new Map(env), goEnv: run.goEnv };
  readScript(inner, inline, depth + 1);
}

/** The script of `sh -c script`, `bash -euxo pipefail -c script`. */
function shellArgument(argv: readonly string[]): string | undefined {
  const flag = argv.findIndex((word, index) => index > 0 && /^-[A-Za-z]*c$/.test(word));
  return flag < 0 ? undefined : argv[flag + 1];
}

function takeAssignments(words: string[], into: Map<string, string>, scope: ReadonlyMap<string, string> = into): void {
  for (let match = ASSIGNMENT.exec(words[0] ?? ''); match !== null; match = ASSIGNMENT.exec(words[0] ?? '')) {
    words.shift();
    const [, name = '', value = ''] = match;
    const expanded = known(value, scope);
    if (expanded === undefined) into.delete(name);
    else into.set(name, expanded);
  }
}

/** The value of a word, or undefined when it holds something only the shell itself knows. */
function known(word: string, env: ReadonlyMap<string, string>): string | undefined {
  if (/\$\(|`/.test(word.replace(/'[^']*'/g, ''))) return undefined;
  try {
    const { value, unset } = expandWord(word, { escape: '\\', lookup: (name) => env.get(name) });
    return unset.size === 0 || /:?-/.test(word) ? value : undefined;
  } catch (error) {
    if (error instanceof WordError) return undefined;
    throw error;
  }
}

function plain(word: string, env: ReadonlyMap<string, string>): string {
  return known(word, env) ?? word;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Splits a script into simple commands, each a list of words as written. Redirections, comments and here-document bodies are left out. */
function splitScript(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  let words: string[] = [];
  let pending: string[] = [];
  const endCommand = (): void => {
    if (words.length > 0) commands.push(words);
    words = [];
  };
  let at = 0;
  while (at < script.length) {
    const char = script[at] ?? '';
    if (char === '\\' && script[at + 1] === '\n') at += 2;
    else if (char === '\n') {
      endCommand();
      at++;
      for (const delimiter of pending) at = behindHeredoc(script, at, delimiter);
      pending = [];
    } else if (/\s/.test(char)) at++;
    else if (char === '#') {
      const newline = script.indexOf('\n', at);
      at = newline < 0 ? script.length : newline;
    } else if (';&|()'.includes(char)) {
      endCommand();
      at++;
    } else if (char === '<' || char === '>') {
      const heredoc = /^<<-?[ \t]*(['"]?)([A-Za-z0-9_.-]+)\1/.exec(script.slice(at, at + 256));
      if (heredoc !== null) {
        pending.push(heredoc[2] ?? '');
        at += heredoc[0].length;
      } else {
        at++;
        while ('<>&|'.includes(script[at] ?? ' ')) at++;
        while (script[at] === ' ' || script[at] === '\t') at++;
        at = Math.max(wordEnd(script, at), at);
      }
    } else {
      const end = Math.max(wordEnd(script, at), at + 1);
      const word = script.slice(at, end).replaceAll('\\\n', '');
      at = end;
      // `2>&1`: a number right before a redirection belongs to it.
      if (!(/^\d$/.test(word) && '<>'.includes(script[at] ?? ' '))) words.push(word);
    }
  }
  endCommand();
  return commands;
}

function behindHeredoc(script: string, from: number, delimiter: string): number {
  let at = from;
  while (at < script.length) {
    const newline = script.indexOf('\n', at);
    const end = newline < 0 ? script.length : newline;
    const line = script.slice(at, end).replace(/^\t+/, '').replace(/\r$/, '');
    at = end + 1;
    if (line === delimiter) return at;
  }
  return at;
}

function wordEnd(script: string, from: number): number {
  let at = from;
  while (at < script.length) {
    const char = script[at] ?? '';
    if (char === '\\') at += 2;
    else if (char === "'" || char === '"' || char === '`') at = behindQuote(script, at, char);
    else if (char === '$' && (script[at + 1] === '(' || script[at + 1] === '{')) at = behindBracket(script, at + 1);
    else if (/[\s;&|()<>]/.test(char)) return at;
    else at++;
  }
  return script.length;
}

function behindQuote(script: string, from: number, quote: string): number {
  for (let at = from + 1; at < script.length; at++) {
    if (script[at] === quote) return at + 1;
    if (script[at] === '\\' && quote !== "'") at++;
  }
  return script.length;
}

function behindBracket(script: string, from: number): number {
  let depth = 0;
  for (let at = from; at < script.length; at++) {
    const char = script[at] ?? '';
    if (char === '\\') at++;
    else if (char === "'" || char === '"') at = behindQuote(script, at, char) - 1;
    else if (char === '(' || char === '{') depth++;
    else if ((char === ')' || char === '}') && --depth === 0) return at + 1;
  }
  return script.length;
}

/** Scripts inside `$(…)` and backticks of a word that isn't in single quotes. */
function substitutions(word: string): readonly string[] {
  const scripts: string[] = [];
  for (let at = 0; at < word.length; at++) {
    if (word[at] === '\\') at++;
    else if (word[at] === "'" && !word.slice(0, at).includes('"')) at = behindQuote(word, at, "'") - 1;
    else if (word[at] === '$' && word[at + 1] === '(') {
      const end = behindBracket(word, at + 1);
      scripts.push(word.slice(at + 2, end - 1));
      at = end - 1;
    } else if (word[at] === '`') {
      const end = behindQuote(word, at, '`');
      scripts.push(word.slice(at + 1, end - 1));
      at = end - 1;
    }
  }
  return scripts;
}
