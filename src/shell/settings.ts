import { applyAssignments, wordAssignment } from './assignments.ts';
import { emitCommand, type InnerDraft } from './emit-command.ts';
import { changeDirectory, copyScope, setGoVariable, setVariable, unsetVariable } from './state.ts';

/** Carries out a command that changes the state for later ones: `export`, `unset`, `cd`, `go env -w`; false when it is none of them. */
export function applySetting(draft: InnerDraft, name: string): boolean {
  const { words, place } = draft;
  const args = words.slice(1);
  const outer = place.scope;
  // Behind a wrapper it is another process that does it.
  const target = draft.wrappers.every((wrapper) => wrapper === 'command' || wrapper === 'builtin')
    ? outer
    : copyScope(outer);
  switch (name) {
    case 'export':
    case 'declare':
    case 'readonly':
    case 'typeset':
    case 'local': {
      const assignments = args.map(wordAssignment).filter((each) => each !== undefined);
      emitCommand({ ...draft, assignments: [...draft.assignments, ...assignments], isSetting: true });
      applyAssignments(target, assignments);
      return true;
    }
    case 'unset':
      emitCommand({ ...draft, isSetting: true });
      for (const word of args) if (word.value !== undefined) unsetVariable(target, word.value);
      return true;
    case 'cd':
    case 'pushd':
    case 'popd': {
      emitCommand({ ...draft, isSetting: true });
      const directory = args.find((word) => !/^-[LPe@]*$|^--$/.test(word.text) || word.text === '-');
      if (name === 'popd' || directory?.text === '-') changeDirectory(target, undefined);
      else changeDirectory(target, directory === undefined ? draft.scope.env.get('HOME') : directory.value);
      return true;
    }
    case 'read':
    case 'getopts':
    case 'mapfile':
      for (const word of args)
        if (/^[A-Za-z_]\w*$/.test(word.value ?? '')) setVariable(target, word.value ?? '', undefined);
      return false;
  }
  return applyGoEnv(draft, name);
}

function applyGoEnv(draft: InnerDraft, name: string): boolean {
  const values = draft.words.map((word) => word.value);
  if (!/^go[\d.]*$/.test(name) || values[1] !== 'env' || (values[2] !== '-w' && values[2] !== '-u')) return false;
  const args = draft.words.slice(3);
  const assignments = args.map(wordAssignment).filter((each) => each !== undefined);
  emitCommand({ ...draft, assignments: [...draft.assignments, ...assignments], isSetting: true });
  // It writes a file, so that it lasts beyond a subshell; the state there is a copy, which later commands don't see.
  for (const each of assignments) setGoVariable(draft.place.scope, each.name, each.value);
  if (values[2] === '-u') for (const word of args) setGoVariable(draft.place.scope, word.value ?? '', undefined);
  return true;
}
