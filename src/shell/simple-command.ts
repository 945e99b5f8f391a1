import type { Assignment, Command, Redirection, Word } from 'unbash';
import { expandFields, expandMapped, expandValue } from './expand-word.ts';
import { isExactStretch, joinMapped, sliceMapped, sourceRange, standInText, type MappedText } from './mapped-text.ts';
import { lookupIn } from './lookup.ts';
import { readSubstitutions } from './substitutions.ts';
import { changeDirectory, copyScope, setGoVariable, setVariable, unsetVariable, type Scope } from './state.ts';
import type { ShellAssignment, ShellCommand, ShellRedirect, ShellWord } from './types.ts';
import type { WalkPlace } from './walk.ts';
import { programName, SHELLS, unwrap } from './wrappers.ts';

type Walk = (place: WalkPlace) => void;
type WalkFunction = (name: string, place: WalkPlace) => void;

/** Reads a simple command: what it sets, what it wraps, and the script inside it. */
export function readSimpleCommand(node: Command, place: WalkPlace, walkScript: Walk, walkFunction: WalkFunction): void {
  readSubstitutions(
    [...node.prefix, ...(node.name === undefined ? [] : [node.name]), ...node.suffix],
    place,
    walkScript,
  );
  const prefixes = node.prefix.filter((each) => each.type === 'Assignment');
  if (node.name === undefined) {
    const assignments = prefixes.map((each) => readAssignment(each, place.script, place.scope));
    emit({ node, place, scope: copyScope(place.scope), words: [], assignments, wrappers: [], isSetting: true });
    applyAssignments(place.scope, assignments);
    return;
  }
  const scope = copyScope(place.scope);
  const assignments: ShellAssignment[] = [];
  for (const each of prefixes) {
    const assignment = readAssignment(each, place.script, scope);
    applyAssignments(scope, [assignment]);
    assignments.push(assignment);
  }
  const lookup = lookupIn(place.scope);
  const args: readonly (Word | Assignment)[] = [node.name, ...node.args];
  const written = args.flatMap((arg) => argumentWords(arg, place.script, lookup));
  const found = lookBehindWrappers(written, scope, assignments);
  readInner({ node, place, scope, assignments, args, ...found, isSetting: false }, walkScript, walkFunction);
}

interface Draft {
  readonly node: Command;
  readonly place: WalkPlace;
  readonly scope: Scope;
  readonly words: readonly ShellWord[];
  readonly assignments: readonly ShellAssignment[];
  readonly wrappers: readonly string[];
  readonly isSetting: boolean;
  readonly addsWords?: boolean;
}

interface Found {
  readonly words: readonly ShellWord[];
  readonly wrappers: readonly string[];
  readonly addsWords: boolean;
}

function argumentWords(
  arg: Word | Assignment,
  script: MappedText,
  lookup: (name: string) => string | undefined,
): readonly ShellWord[] {
  if (arg.type === 'Word') return expandFields(arg, script, lookup);
  // `export A=$B` and alike: the value isn't split.
  const range = { start: arg.pos, end: arg.end };
  const value = arg.value.type === 'Word' ? expandValue(arg.value, lookup) : undefined;
  const head = `${arg.name}${arg.append === true ? '+=' : '='}`;
  return [
    {
      text: arg.text.replaceAll('\\\n', ''),
      value: value === undefined || arg.index !== undefined ? undefined : head + value,
      range: sourceRange(script, range),
      isExact: isExactStretch(script, range),
    },
  ];
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=([^]*)$/;

/** `A=1`, `A+=$B` as a word of `env`, `export` or `go env -w`. */
function wordAssignment(word: ShellWord): ShellAssignment | undefined {
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

function readAssignment(node: Assignment, script: MappedText, scope: Scope): ShellAssignment {
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

function applyAssignments(scope: Scope, assignments: readonly ShellAssignment[]): void {
  for (const { name, value, isAppended } of assignments) {
    const before = scope.env.get(name) ?? (scope.unknown.has(name) ? undefined : '');
    const isKnown = value !== undefined && (!isAppended || before !== undefined);
    setVariable(scope, name, isKnown ? (isAppended ? `${before}${value}` : value) : undefined);
  }
}

function lookBehindWrappers(written: readonly ShellWord[], scope: Scope, assignments: ShellAssignment[]): Found {
  const wrappers: string[] = [];
  let at = 0;
  let addsWords = false;
  for (let found = unwrap(written, 0); found !== undefined && at < written.length; found = unwrap(written, at)) {
    wrappers.push(programName(written[at]));
    addsWords ||= found.addsWords;
    if (found.directory !== undefined) changeDirectory(scope, found.directory.value);
    for (const name of found.unset) {
      if (name === '*') scope.env = new Map();
      else unsetVariable(scope, name);
    }
    at = found.index;
    while (found.takesAssignments) {
      const assignment = written[at] === undefined ? undefined : wordAssignment(written[at] as ShellWord);
      if (assignment === undefined) break;
      applyAssignments(scope, [assignment]);
      assignments.push(assignment);
      at++;
    }
  }
  // `env` and `exec >log` wrap nothing.
  if (at >= written.length) return { words: written, wrappers: [], addsWords: false };
  return { words: written.slice(at), wrappers, addsWords };
}

interface InnerDraft extends Draft {
  readonly args: readonly (Word | Assignment)[];
}

function readInner(draft: InnerDraft, walkScript: Walk, walkFunction: WalkFunction): void {
  const { words, place, scope } = draft;
  const name = programName(words[0]);
  if (words.length === 0) {
    emit(draft);
    return;
  }
  if (applySetting(draft, name)) return;
  const { functions } = place.reading;
  if (functions.has(name) && draft.wrappers.length === 0) {
    const wraps = takesCommand(functions.get(name)?.script.text.slice(...bodyRange(functions, name)) ?? '');
    if (wraps && words.length > 1) emitWrapped(draft, name);
    walkFunction(name, { ...place, scope: draft.assignments.length > 0 ? scope : place.scope });
    return;
  }
  const inner = innerScript(draft, name);
  if (inner === undefined) {
    emit(draft);
    if (name === 'find') emitFindCommands(draft);
    return;
  }
  walkScript({
    ...place,
    script: inner,
    scope: name === 'eval' ? place.scope : copyScope(scope),
    blocks: [...place.blocks, 'inner-script'],
    depth: place.depth + 1,
    isWholeScript: false,
    wrappers: [...place.wrappers, ...draft.wrappers, name],
    link: undefined,
  });
}

function bodyRange(functions: WalkPlace['reading']['functions'], name: string): [number, number] {
  const body = functions.get(name)?.node.body;
  return [body?.pos ?? 0, body?.end ?? 0];
}

/** A function that runs its arguments: `retry() { "$@" || "$@"; }` */
function takesCommand(body: string): boolean {
  return /(?:^|[;&|({!]|\b(?:if|until|while|do|then|time))\s*"?\$[@*]/.test(body);
}

function emitWrapped(draft: InnerDraft, name: string): void {
  let at = 1;
  while (/^\d+[smh]?$|^--?/.test(draft.words[at]?.value ?? '')) at++;
  emit({ ...draft, words: draft.words.slice(at), wrappers: [...draft.wrappers, name] });
}

/** What changes the state for later commands. */
function applySetting(draft: InnerDraft, name: string): boolean {
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
      emit({ ...draft, assignments: [...draft.assignments, ...assignments], isSetting: true });
      applyAssignments(target, assignments);
      return true;
    }
    case 'unset':
      emit({ ...draft, isSetting: true });
      for (const word of args) if (word.value !== undefined) unsetVariable(target, word.value);
      return true;
    case 'cd':
    case 'pushd':
    case 'popd': {
      emit({ ...draft, isSetting: true });
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
  emit({ ...draft, assignments: [...draft.assignments, ...assignments], isSetting: true });
  // It writes a file, so that it lasts beyond a subshell; the state there is a copy, which later commands don't see.
  for (const each of assignments) setGoVariable(draft.place.scope, each.name, each.value);
  if (values[2] === '-u') for (const word of args) setGoVariable(draft.place.scope, word.value ?? '', undefined);
  return true;
}

/** The script of `sh -c script`, `su user -c script`, `eval script`, `sh <<EOF`. */
function innerScript(draft: InnerDraft, name: string): MappedText | undefined {
  const { words, node, place } = draft;
  if (name === 'eval') {
    return joinedArguments(draft);
  }
  if (!SHELLS.has(name) && name !== 'su' && name !== 'runuser') return undefined;
  const flag = words.findIndex((word, index) => index > 0 && /^(?:-[A-Za-z]*c|--command)$/.test(word.value ?? ''));
  const script = flag < 0 ? undefined : words[flag + 1];
  if (script !== undefined) {
    const word = draft.args.find((arg) => arg.type === 'Word' && isAt(arg, script, place.script));
    if (word?.type !== 'Word' || script.value === undefined) return undefined;
    return expandMapped(word, place.script, lookupIn(place.scope));
  }
  const hasFile = words.slice(1).some((word) => !/^[-+]/.test(word.text));
  const heredoc = node.redirects.find((redirect) => redirect.type === 'HereDoc');
  if (hasFile || heredoc?.type !== 'HereDoc' || !SHELLS.has(name)) return undefined;
  return sliceMapped(place.script, { start: heredoc.body.pos, end: heredoc.body.end });
}

function isAt(word: Word, script: ShellWord, text: MappedText): boolean {
  const range = sourceRange(text, { start: word.pos, end: word.end });
  return range.start === script.range.start && range.end === script.range.end;
}

/** The words of `eval a b` joined by spaces, as eval does it. */
function joinedArguments(draft: InnerDraft): MappedText | undefined {
  const { script, scope } = draft.place;
  const parts: MappedText[] = [];
  for (const arg of draft.args.slice(1)) {
    if (arg.type !== 'Word' || expandValue(arg, lookupIn(scope)) === undefined) return undefined;
    const range = sourceRange(script, { start: arg.pos, end: arg.end });
    if (parts.length > 0) parts.push(standInText(' ', { start: range.start, end: range.start }));
    parts.push(expandMapped(arg, script, lookupIn(scope)));
  }
  return parts.length === 0 ? undefined : joinMapped(parts);
}

/** `find … -exec command … ;` */
function emitFindCommands(draft: InnerDraft): void {
  const { words } = draft;
  for (const [index, word] of words.entries()) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(word.value ?? '')) continue;
    const end = words.findIndex((each, at) => at > index && (each.value === ';' || each.value === '+'));
    const inner = words.slice(index + 1, end < 0 ? undefined : end);
    if (inner.length === 0) continue;
    // Taking it out would take the whole `find` along.
    const link = draft.place.link && { ...draft.place.link, isWholeLink: false };
    const place: WalkPlace = { ...draft.place, link, blocks: [...draft.place.blocks, 'loop'], isAlwaysRun: false };
    emit({ ...draft, place, words: inner, wrappers: [...draft.wrappers, 'find'], addsWords: true });
  }
}

const NOTHING: readonly never[] = [];

function emit(draft: Draft): void {
  const { node, place, scope, words } = draft;
  const { script, link } = place;
  const range = { start: node.pos, end: node.end };
  const command: ShellCommand = {
    argv: words.map((word) => word.value ?? word.text),
    words,
    text: words.map((word) => word.text).join(' '),
    assignments: draft.assignments,
    redirects:
      node.redirects.length === 0 ? NOTHING : node.redirects.map((redirect) => readRedirect(redirect, script, scope)),
    wrappers: draft.wrappers.length === 0 ? place.wrappers : [...place.wrappers, ...draft.wrappers],
    range: sourceRange(script, range),
    isExact: isExactStretch(script, range),
    blocks: place.blocks,
    isAlwaysRun: place.isAlwaysRun,
    isSetting: draft.isSetting,
    hasMoreWords:
      draft.addsWords === true || words.some(({ text }) => text.includes('$') && /\$[@*]|\[[@*]\]/.test(text)),
    place: {
      list: link?.list,
      statementIndex: link?.statementIndex ?? 0,
      chainIndex: link?.chainIndex ?? 0,
      isWholeLink: link?.isWholeLink ?? false,
      hasHeredoc: node.redirects.some((redirect) => redirect.type === 'HereDoc'),
    },
    ...copyScope(scope),
  };
  place.reading.commands.push(command);
}

function readRedirect(redirect: Redirection, script: MappedText, scope: Scope): ShellRedirect {
  const range = sourceRange(script, { start: redirect.pos, end: redirect.end });
  if (redirect.type === 'HereDoc') {
    return { operator: redirect.operator, target: undefined, body: redirect.body.text, range };
  }
  const target = redirect.target === undefined ? undefined : expandFields(redirect.target, script, lookupIn(scope))[0];
  return { operator: redirect.operator, target, body: undefined, range };
}
