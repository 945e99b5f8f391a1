import { behindReference } from './text.ts';

/** Where a variable got its value, the weakest first: one of lower rank doesn't replace one of higher rank. */
const RANKS = ['default', 'environment', 'file', 'command line', 'override', 'automatic'] as const;
export type Origin = (typeof RANKS)[number];

export interface MakeVariable {
  /** As written for a recursive one; the value itself for a simple one. */
  readonly value: string;
  readonly isRecursive: boolean;
  readonly origin: Origin;
}

/** Variables of the file, and in front of them those of a target, of `foreach` or of `call`. */
export interface VariableScope {
  readonly variables: Map<string, MakeVariable>;
  readonly parent: VariableScope | undefined;
}

export function newScope(parent?: VariableScope): VariableScope {
  return { variables: new Map(), parent };
}

export function findVariable(scope: VariableScope, name: string): MakeVariable | undefined {
  for (let at: VariableScope | undefined = scope; at !== undefined; at = at.parent) {
    const found = at.variables.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Sets a variable unless a stronger source has set it already. */
export function setMakeVariable(scope: VariableScope, name: string, variable: MakeVariable): void {
  const known = findVariable(scope, name);
  if (known !== undefined && RANKS.indexOf(known.origin) > RANKS.indexOf(variable.origin)) return;
  scope.variables.set(name, variable);
}

export interface VariableDefinition {
  readonly name: string;
  readonly operator: '=' | ':=' | '?=' | '+=' | '!=';
  readonly value: string;
}

/** `NAME = value` with any of make's operators; undefined when the line is something else. */
export function parseDefinition(line: string): VariableDefinition | undefined {
  const start = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  let at = start;
  while (at < line.length) {
    const char = line[at] ?? '';
    if (char === '#' || char === '=' || char === ' ' || char === '\t') break;
    if (char === ':' || ('?+!'.includes(char) && line[at + 1] === '=')) break;
    at = char === '$' ? behindDollar(line, at) : at + 1;
  }
  const name = line.slice(start, at);
  const operator = /^[ \t]*(:{1,3}=|[?+!]?=)[ \t]*/.exec(line.slice(at));
  if (name === '' || operator === null) return undefined;
  const [written, sign = '='] = operator;
  const value = line.slice(at + written.length);
  return { name, operator: sign.startsWith(':') ? ':=' : (sign as VariableDefinition['operator']), value };
}

function behindDollar(line: string, at: number): number {
  const open = line[at + 1];
  if (open !== '(' && open !== '{') return at + 2;
  const end = behindReference(line, at + 1);
  return end < 0 ? line.length : end;
}
