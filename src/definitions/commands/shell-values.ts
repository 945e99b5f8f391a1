import { substitutionEnd } from './split-script.ts';
import { isPerCommitCommand, isPerCommitVariable, type Known, worse } from '../values/certainty.ts';

/** What a script may take values from. */
export interface ShellScope {
  readonly variables: ReadonlyMap<string, Known>;
  /** Fills in `${{ … }}`; a text without any comes back as it is. */
  readonly template: (text: string) => Known;
  /** In a Makefile `$(NAME)` is a variable and `$(shell …)` a command; `$$` is a `$` for the shell. */
  readonly isMakefile: boolean;
}

const MAX_DEPTH = 12;
/** Values that name each other many times over would grow without end. */
const MAX_LENGTH = 1 << 16;

/** Fills in the variables of a word; what can't be known stays as written. */
export function expandShell(text: string, scope: ShellScope, depth = 0): Known {
  let certainty: Known['certainty'] = 'known';
  let filled = '';
  let at = 0;
  while (at < text.length) {
    const next = text.slice(at).search(/[$`]/);
    if (next < 0 || filled.length > MAX_LENGTH) break;
    filled += text.slice(at, at + next);
    const start = at + next;
    at = pieceEnd(text, start);
    const value = expandPiece(text.slice(start, at), scope, depth);
    certainty = worse(certainty, value.certainty);
    filled += value.text;
  }
  return { text: filled + text.slice(at), certainty };
}

/** Behind `$(…)`, `${…}`, a backquoted command, `$NAME` or `$1`; a `$` alone is itself. */
function pieceEnd(text: string, start: number): number {
  const end = substitutionEnd(text, start);
  if (end > start + 1 || text[start] !== '$') return end;
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(start + 1, start + 200))?.[0].length ?? 1;
  return Math.min(start + 1 + name, text.length);
}

function expandPiece(piece: string, scope: ShellScope, depth: number): Known {
  if (piece === '$') return { text: piece, certainty: 'known' };
  if (piece.startsWith('${{')) return scope.template(piece);
  if (piece === '$$')
    return { text: scope.isMakefile ? '$' : piece, certainty: scope.isMakefile ? 'known' : 'unknown' };
  if (piece.startsWith('`')) return commandResult(piece, piece.slice(1, -1));
  if (piece.startsWith('$(')) {
    const inner = piece.slice(2, -1);
    if (!scope.isMakefile) return commandResult(piece, inner);
    const shell = /^shell\s+([^]*)$/.exec(inner);
    if (shell !== null) return commandResult(piece, shell[1] ?? '');
    return variable(piece, inner, scope, depth);
  }
  const name = piece.startsWith('${') ? piece.slice(2, -1) : piece.slice(1);
  return variable(piece, name, scope, depth);
}

function commandResult(piece: string, script: string): Known {
  return { text: piece, certainty: isPerCommitCommand(script) ? 'per-commit' : 'unknown' };
}

function variable(piece: string, inner: string, scope: ShellScope, depth: number): Known {
  const match = /^([A-Za-z_][A-Za-z0-9_.-]*?)(?:(:?[-=])([^]*)|([:#%/^,@].*))?$/.exec(inner);
  const name = match?.[1] ?? '';
  const value = scope.variables.get(name);
  const isPlain = match !== null && match[4] === undefined;
  if (value !== undefined && isPlain && depth < MAX_DEPTH) {
    const expanded = value.certainty === 'known' ? expandShell(value.text, scope, depth + 1) : value;
    return expanded.certainty === 'known' ? expanded : { text: piece, certainty: expanded.certainty };
  }
  if (value?.certainty === 'per-commit' || isPerCommitVariable(name)) return { text: piece, certainty: 'per-commit' };
  if (isPlain && match[3] !== undefined && value === undefined) return expandShell(match[3], scope, depth + 1);
  // A function of make's may still hold a command: $(strip $(shell git describe)).
  const holdsCommand = /\bshell\b|\$\(|`/.test(inner) && isPerCommitCommand(inner);
  return { text: piece, certainty: holdsCommand ? 'per-commit' : 'unknown' };
}
