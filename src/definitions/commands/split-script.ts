import type { Range } from '../../dockerfile/tree.ts';

/** A word of a script line. Places are indices in the script. */
export interface ScriptWord extends Range {
  /** As written, quotes and all. */
  readonly raw: string;
  /** Quotes taken off; variables, `$(…)` and `${{ … }}` as written. */
  readonly text: string;
}

export interface ScriptCommand extends Range {
  readonly words: readonly ScriptWord[];
}

/**
 * Splits a shell script into its simple commands. It knows quotes, continuations, comments, here-documents and substitutions, and keeps
 * `${{ … }}` and `$(…)` whole. Words of redirections are left out.
 */
export function splitScript(script: string): readonly ScriptCommand[] {
  const commands: ScriptCommand[] = [];
  let words: ScriptWord[] = [];
  let at = 0;
  const endCommand = (): void => {
    const [first] = words;
    const last = words.at(-1);
    if (first !== undefined && last !== undefined) commands.push({ words, start: first.start, end: last.end });
    words = [];
  };
  while (at < script.length) {
    const char = script[at] ?? '';
    if (char === '\\' && /^\\\r?\n/.test(script.slice(at, at + 3))) at = script.indexOf('\n', at) + 1;
    else if (char === ' ' || char === '\t' || char === '\r') at += 1;
    else if (char === '#') at = lineEnd(script, at);
    else if (char === '\n') {
      endCommand();
      at += 1;
    } else if (';&|()'.includes(char)) {
      endCommand();
      at += 1;
    } else if (char === '<' || char === '>') at = afterRedirection(script, at);
    else {
      const word = readWord(script, at);
      at = word.end;
      // `2>file`: the number belongs to the redirection.
      if (!(/^\d+$/.test(word.raw) && /[<>]/.test(script[at] ?? ''))) words.push(word);
    }
  }
  endCommand();
  return commands;
}

function lineEnd(script: string, at: number): number {
  const newline = script.indexOf('\n', at);
  return newline < 0 ? script.length : newline;
}

/** Behind `> file`, `2>&1`, `<<EOF` with its body. */
function afterRedirection(script: string, start: number): number {
  const heredoc = /^<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([^\s;&|<>()'"]+))/.exec(
    script.slice(start, start + 200),
  );
  if (heredoc !== null && !script.startsWith('<<<', start)) {
    const name = heredoc[2] ?? heredoc[3] ?? heredoc[4] ?? '';
    return dropBody(script, start + heredoc[0].length, name);
  }
  let at = start;
  while (/[<>&|]/.test(script[at] ?? '')) at += 1;
  while (script[at] === ' ' || script[at] === '\t') at += 1;
  const next = script[at];
  return next === undefined || /[\n;&|()<>]/.test(next) ? Math.max(at, start + 1) : readWord(script, at).end;
}

/** What follows the operator on its line is left out with the body: it is seldom a build. */
function dropBody(script: string, from: number, name: string): number {
  let at = lineEnd(script, from) + 1;
  while (at < script.length) {
    const end = lineEnd(script, at);
    if (script.slice(at, end).trim() === name) return end;
    at = end + 1;
  }
  return script.length;
}

function readWord(script: string, start: number): ScriptWord {
  let at = start;
  let text = '';
  while (at < script.length && !/[\s;&|()<>]/.test(script[at] ?? '')) {
    const char = script[at] ?? '';
    if (char === '\\') {
      const next = script[at + 1] ?? '';
      if (/^\\\r?\n/.test(script.slice(at, at + 3))) break;
      text += next;
      at += 2;
    } else if (char === "'") {
      const end = closing(script, at + 1, "'");
      text += script.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const end = doubleQuoteEnd(script, at + 1);
      text += script
        .slice(at + 1, end)
        .replace(/\\\r?\n/g, '')
        .replace(/\\(["\\`])/g, '$1');
      at = end + 1;
    } else {
      const end = substitutionEnd(script, at);
      text += script.slice(at, end);
      at = end;
    }
  }
  const end = Math.max(Math.min(at, script.length), start + 1);
  return { raw: script.slice(start, end), text, start, end };
}

function closing(script: string, from: number, char: string): number {
  const end = script.indexOf(char, from);
  return end < 0 ? script.length : end;
}

function doubleQuoteEnd(script: string, from: number): number {
  let at = from;
  while (at < script.length && script[at] !== '"') {
    if (script[at] === '\\') at += 2;
    else at = substitutionEnd(script, at);
  }
  return Math.min(at, script.length);
}

/** Behind a substitution that starts here, or behind one character. */
export function substitutionEnd(script: string, at: number): number {
  if (script.startsWith('${{', at)) {
    const end = script.indexOf('}}', at);
    return end < 0 ? script.length : end + 2;
  }
  if (script.startsWith('$(', at)) return bracketEnd(script, at + 2, '(', ')');
  if (script.startsWith('${', at)) return bracketEnd(script, at + 2, '{', '}');
  if (script[at] === '`') return closing(script, at + 1, '`') + 1;
  return at + 1;
}

function bracketEnd(script: string, from: number, open: string, close: string): number {
  let depth = 1;
  let at = from;
  while (at < script.length && depth > 0) {
    const char = script[at];
    if (char === '\\') at += 1;
    else if (char === "'") at = closing(script, at + 1, "'");
    else if (char === open) depth += 1;
    else if (char === close) depth -= 1;
    at += 1;
  }
  return Math.min(at, script.length);
}
