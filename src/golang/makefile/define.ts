import { expandText } from './expand.ts';
import type { ExpandContext } from './functions.ts';
import { noteNotFollowed } from './reading.ts';
import { UNKNOWN } from './text.ts';
import {
  findVariable,
  setMakeVariable,
  type Origin,
  type VariableDefinition,
  type VariableScope,
} from './variables.ts';

export interface DefineOptions {
  readonly origin: Origin;
  /** Where the variable goes; what its value refers to is looked up from the context's scope. */
  readonly into: VariableScope;
}

/** Carries out a variable definition. */
export function defineVariable(definition: VariableDefinition, context: ExpandContext, options: DefineOptions): void {
  const { reading, scope } = context;
  const name = expandText(definition.name, context).trim();
  if (name === '') return;
  const { origin, into } = options;
  const known = findVariable(scope, name);
  switch (definition.operator) {
    case '=':
      setMakeVariable(into, name, { value: definition.value, isRecursive: true, origin });
      break;
    case ':=':
      setMakeVariable(into, name, { value: expandText(definition.value, context), isRecursive: false, origin });
      break;
    case '?=':
      if (known === undefined || known.origin === 'default') {
        if (known === undefined) setMakeVariable(into, name, { value: definition.value, isRecursive: true, origin });
      }
      break;
    case '+=': {
      if (known !== undefined && known.origin === 'command line' && origin !== 'override') break;
      const isRecursive = known?.isRecursive ?? true;
      const added = isRecursive ? definition.value : expandText(definition.value, context);
      const value =
        known === undefined || known.value === '' ? added : added === '' ? known.value : `${known.value} ${added}`;
      setMakeVariable(into, name, { value, isRecursive, origin });
      break;
    }
    case '!=':
      noteNotFollowed(reading, context.place, `\`${name} != ${definition.value.trim()}\``);
      setMakeVariable(into, name, { value: UNKNOWN, isRecursive: false, origin });
  }
  noteSpecialVariable(name, context);
}

function noteSpecialVariable(name: string, { reading, scope }: ExpandContext): void {
  if (name === '.RECIPEPREFIX') reading.recipePrefix = findVariable(scope, name)?.value.slice(0, 1) || '\t';
  if (name === '.DEFAULT_GOAL') reading.defaultGoal = findVariable(scope, name)?.value.trim() || undefined;
}
