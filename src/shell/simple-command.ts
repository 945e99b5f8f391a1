import type { Assignment, Command, Word } from 'unbash';
import { applyAssignments, readAssignment, wordAssignment } from './assignments.ts';
import { emitCommand, type InnerDraft } from './emit-command.ts';
import { expandFields, expandValue } from './expand-word.ts';
import { innerScript } from './inner-script.ts';
import { lookupIn } from './lookup.ts';
import { isExactStretch, sourceRange, type MappedText } from './mapped-text.ts';
import { applySetting } from './settings.ts';
import { changeDirectory, copyScope, unsetVariable, type Scope } from './state.ts';
import { readSubstitutions } from './substitutions.ts';
import type { ShellAssignment, ShellWord } from './types.ts';
import type { WalkPlace } from './walk.ts';
import { programName, unwrap } from './wrappers.ts';

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
    emitCommand({ node, place, scope: copyScope(place.scope), words: [], assignments, wrappers: [], isSetting: true });
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

interface Found {
  readonly words: readonly ShellWord[];
  readonly wrappers: readonly string[];
  readonly addsWords: boolean;
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

function readInner(draft: InnerDraft, walkScript: Walk, walkFunction: WalkFunction): void {
  const { words, place, scope } = draft;
  const name = programName(words[0]);
  if (words.length === 0) {
    emitCommand(draft);
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
    emitCommand(draft);
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
  emitCommand({ ...draft, words: draft.words.slice(at), wrappers: [...draft.wrappers, name] });
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
    emitCommand({ ...draft, place, words: inner, wrappers: [...draft.wrappers, 'find'], addsWords: true });
  }
}
