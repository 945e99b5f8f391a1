import type { Assignment } from 'unbash';
import { expandValue } from './expand-word.ts';
import { lookupIn } from './lookup.ts';
import { isExactStretch, sourceRange, type MappedText } from './mapped-text.ts';
import { setVariable, type Scope } from './state.ts';
import type { ShellAssignment, ShellWord } from './types.ts';

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=([^]*)$/;

/** `A=1`, `A+=$B` as a word of `env`, `export` or `go env -w`. */
export function wordAssignment(word: ShellWord): ShellAssignment | undefined {
  const match = ASSIGNMENT.exec(word.value ?? word.text);
  if (match === null) return undefined;
  const [, name = '', plus = '', value = ''] = match;
  return {
    name,
    value: word.value === undefined ? undefined : value,
    isAppended: plus === '+',
    range: word.range,
    isExact: word.isExact,
  };
}

/** An assignment before a command, or alone. */
export function readAssignment(node: Assignment, script: MappedText, scope: Scope): ShellAssignment {
  const range = { start: node.pos, end: node.end };
  const value =
    node.value.type === 'Word' && node.index === undefined ? expandValue(node.value, lookupIn(scope)) : undefined;
  return {
    name: node.name,
    value,
    isAppended: node.append === true,
    range: sourceRange(script, range),
    isExact: isExactStretch(script, range),
  };
}

export function applyAssignments(scope: Scope, assignments: readonly ShellAssignment[]): void {
  for (const { name, value, isAppended } of assignments) {
    const before = scope.env.get(name) ?? (scope.unknown.has(name) ? undefined : '');
    const isKnown = value !== undefined && (!isAppended || before !== undefined);
    setVariable(scope, name, isKnown ? (isAppended ? `${before}${value}` : value) : undefined);
  }
}
