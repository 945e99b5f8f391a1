import type { AndOr, CommandNode, CompoundList, Pipeline, PipelineNode, Statement, Word } from 'unbash';
import { exactText, isExactStretch, sourceRange, type MappedText } from './mapped-text.ts';
import { parseScript } from './parse-script.ts';
import { readSimpleCommand } from './simple-command.ts';
import { readSubstitutions } from './substitutions.ts';
import { assignScope, copyScope, mergeScopes, setVariable } from './state.ts';
import { expandFields } from './expand-word.ts';
import { lookupIn } from './lookup.ts';
import { MAX_SCRIPT_DEPTH, type LinkPlace, type Reading, type WalkPlace } from './walk.ts';
import type { ShellBlock, ShellLink, ShellList, ShellRun, ShellState, ShellStatement } from './types.ts';

export interface ReadOptions {
  readonly env?: ReadonlyMap<string, string>;
  readonly goEnv?: ReadonlyMap<string, string>;
  /** Names that are set to something unknown. */
  readonly unknown?: ReadonlySet<string>;
  /** Where the script starts; undefined when that can't be known. */
  readonly cwd?: string;
}

/**
 * The simple commands of a shell script, in the order in which they are written, each with the values in force: assignments, `export`,
 * `cd`, `go env -w`, wrappers (`exec`, `env`, `time`, `sh -c`), functions where they are called, and command substitutions are followed.
 * Nothing is run: what only a shell can know is missing, and what isn't read is named.
 */
export function readCommands(script: MappedText | string, options: ReadOptions = {}): ShellRun {
  const mapped = typeof script === 'string' ? exactText(script) : script;
  const scriptEnd = sourceRange(mapped, { start: 0, end: mapped.text.length }).end;
  const reading: Reading = { commands: [], notRead: [], functions: new Map(), called: new Set(), scriptEnd };
  const scope = copyScope({
    env: options.env ?? new Map(),
    goEnv: options.goEnv ?? new Map(),
    unknown: options.unknown ?? new Set(),
    cwd: options.cwd,
  });
  walkScript({
    reading,
    script: mapped,
    scope,
    blocks: [],
    isAlwaysRun: true,
    depth: 0,
    isWholeScript: true,
    wrappers: [],
    link: undefined,
  });
  return { commands: reading.commands, notRead: reading.notRead, ...copyScope(scope) };
}

/** Reads a script in a script, such as the one of `sh -c`. */
export function walkScript(place: WalkPlace): void {
  const whole = { start: 0, end: place.script.text.length };
  const result =
    place.depth > MAX_SCRIPT_DEPTH ? { reason: 'the script is nested too deeply' } : parseScript(place.script.text);
  if ('reason' in result) {
    place.reading.notRead.push({ what: result.reason, range: sourceRange(place.script, whole) });
    return;
  }
  const [error] = result.script.errors ?? [];
  if (error !== undefined) {
    const range = sourceRange(place.script, { start: Math.min(error.pos, whole.end), end: whole.end });
    place.reading.notRead.push({ what: error.message, range });
  }
  walkStatements(result.script.commands, { ...place, isWholeScript: place.isWholeScript && error === undefined });
}

/** Reads the statements of a list, `place.isWholeScript` saying that they are all there is. */
export function walkStatements(statements: readonly Statement[], place: WalkPlace): void {
  const { script } = place;
  const first = statements[0];
  const last = statements.at(-1);
  if (first === undefined || last === undefined) return;
  const isEditable = isExactStretch(script, { start: first.pos, end: last.end });
  const list: ShellList | undefined = isEditable
    ? {
        statements: statements.map((statement) => readStatement(statement, script)),
        isWholeScript: place.isWholeScript,
        scriptEnd: place.reading.scriptEnd,
      }
    : undefined;
  for (const [statementIndex, statement] of statements.entries()) {
    walkStatement(
      statement,
      { ...place, isWholeScript: false },
      { list, statementIndex, chainIndex: 0, isWholeLink: false },
    );
  }
}

function readStatement(statement: Statement, script: MappedText): ShellStatement {
  const { command } = statement;
  const links = command.type === 'AndOr' ? command.commands : [command];
  const chain: readonly ShellLink[] = links.map((link, index) => ({
    range: sourceRange(script, { start: link.pos, end: link.end }),
    operator: command.type === 'AndOr' && index > 0 ? command.operators[index - 1] : undefined,
  }));
  const end = links.at(-1)?.end ?? statement.end;
  return {
    range: sourceRange(script, { start: statement.pos, end }),
    terminator: terminatorBehind(script.text, end),
    chain,
  };
}

function terminatorBehind(text: string, from: number): ShellStatement['terminator'] {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === ';' || char === '&' || char === '\n') return char;
    if (char === '#') return text.includes('\n', at) ? '\n' : '';
    if (char === '\\' && text[at + 1] === '\n') at++;
    else if (char !== ' ' && char !== '\t' && char !== '\r') return '';
  }
  return '';
}

function walkStatement(statement: Statement, place: WalkPlace, link: LinkPlace): void {
  if (statement.background === true) {
    const scope = copyScope(place.scope);
    walkChain(statement.command, { ...place, scope, blocks: [...place.blocks, 'background'] }, link);
    return;
  }
  walkChain(statement.command, place, link);
}

function walkChain(node: PipelineNode | AndOr, place: WalkPlace, link: LinkPlace): void {
  if (node.type !== 'AndOr') {
    walkPipeline(node, { ...place, link: { ...link, isWholeLink: isOneCommand(node) } });
    return;
  }
  const { scope } = place;
  let isBehindTest = false;
  let beforeTest: ShellState | undefined;
  for (const [chainIndex, each] of node.commands.entries()) {
    const operator = node.operators[chainIndex - 1];
    const here = { ...link, chainIndex, isWholeLink: isOneCommand(each) };
    if (operator === '||') {
      const before = copyScope(scope);
      walkPipeline(each, { ...within(place, 'or', false), link: here });
      assignScope(scope, mergeScopes(before, scope));
      isBehindTest = isTest(each);
      continue;
    }
    if (isBehindTest) beforeTest ??= copyScope(scope);
    walkPipeline(each, { ...(isBehindTest ? within(place, 'after-test', false) : place), link: here });
    isBehindTest ||= isTest(each);
  }
  if (beforeTest !== undefined) assignScope(scope, mergeScopes(beforeTest, scope));
}

const TESTS = new Set(['[', 'test', 'command', 'which', 'type', 'grep', 'egrep', 'false', 'hash']);

/** A command that is asked for its exit code, so that what stands behind `&&` may well not run. */
function isTest(node: PipelineNode): boolean {
  if (node.type === 'Pipeline') {
    const last = node.commands.at(-1);
    return node.prefixes.some((prefix) => prefix.type === 'Negation') || (last !== undefined && isTest(last));
  }
  if (node.type === 'TestCommand' || node.type === 'ArithmeticCommand') return true;
  return node.type === 'Command' && TESTS.has(node.name?.value ?? '');
}

function isOneCommand(node: PipelineNode): boolean {
  if (node.type !== 'Pipeline') return node.type === 'Command';
  const isNegated = node.prefixes.some((prefix) => prefix.type === 'Negation');
  return node.commands.length === 1 && node.commands[0]?.type === 'Command' && !isNegated;
}

function walkPipeline(node: PipelineNode, place: WalkPlace): void {
  if (node.type !== 'Pipeline') {
    walkCommand(node, place);
    return;
  }
  const inner = node.prefixes.some((prefix) => prefix.type === 'Time')
    ? { ...place, wrappers: [...place.wrappers, 'time'] }
    : place;
  walkPipeCommands(node, inner);
}

function walkPipeCommands(node: Pipeline, place: WalkPlace): void {
  const [only] = node.commands;
  if (node.commands.length === 1 && only !== undefined) {
    walkCommand(only, place);
    return;
  }
  for (const command of node.commands) {
    walkCommand(command, { ...within(place, 'pipeline', place.isAlwaysRun), scope: copyScope(place.scope) });
  }
}

function within(place: WalkPlace, block: ShellBlock, isAlwaysRun: boolean): WalkPlace {
  return { ...place, blocks: [...place.blocks, block], isAlwaysRun: isAlwaysRun && place.isAlwaysRun };
}

function walkList(list: CompoundList, place: WalkPlace): void {
  walkStatements(list.commands, place);
}

function walkCommand(node: CommandNode, place: WalkPlace): void {
  switch (node.type) {
    case 'Command':
      readSimpleCommand(node, place, walkScript, walkFunctionBody);
      return;
    case 'Redirected':
      readSubstitutions(node.redirects, place, walkScript);
      walkCommand(node.command, place);
      return;
    case 'Subshell':
      walkList(node.body, { ...within(place, 'subshell', true), scope: copyScope(place.scope) });
      return;
    case 'BraceGroup':
      walkList(node.body, within(place, 'group', true));
      return;
    case 'If':
      walkIf(node, place);
      return;
    case 'For':
    case 'Select':
      walkFor(node, place);
      return;
    case 'ArithmeticFor':
      walkMaybe(node.body, within(place, 'loop', false));
      return;
    case 'While': {
      walkList(node.clause, within(place, 'condition', true));
      const isEndless = node.kind === 'while' && /^(?:true|:)[\s;]*$/.test(textOf(place.script, node.clause));
      if (isEndless) walkList(node.body, within(place, 'loop', true));
      else walkMaybe(node.body, within(place, 'loop', false));
      return;
    }
    case 'Case':
      walkCase(node, place);
      return;
    case 'Function':
      place.reading.functions.set(node.name.value, { node, script: place.script });
      return;
    case 'Coproc':
      if (node.body.type === 'CompoundList') walkList(node.body, within(place, 'background', true));
      else walkCommand(node.body, { ...within(place, 'background', true), scope: copyScope(place.scope) });
      return;
    default:
      // `[[ … ]]` and `(( … ))`
      readSubstitutions([node], place, walkScript);
  }
}

function textOf(script: MappedText, node: { readonly pos: number; readonly end: number }): string {
  return script.text.slice(node.pos, Math.min(node.end, node.pos + 20));
}

/** A list that may not run. */
function walkMaybe(list: CompoundList, place: WalkPlace): void {
  const before = copyScope(place.scope);
  walkList(list, place);
  assignScope(place.scope, mergeScopes(before, place.scope));
}

function walkIf(node: Extract<CommandNode, { type: 'If' }>, place: WalkPlace): void {
  const { scope } = place;
  walkList(node.clause, within(place, 'condition', true));
  const ends: ShellState[] = [];
  const branch = (list: CompoundList): void => {
    const inner = copyScope(scope);
    walkList(list, { ...within(place, 'branch', false), scope: inner });
    ends.push(inner);
  };
  branch(node.then);
  for (const elif of node.elif) {
    walkList(elif.clause, within(place, 'condition', false));
    branch(elif.then);
  }
  if (node.else === undefined) ends.push(copyScope(scope));
  else branch(node.else);
  assignScope(scope, ends.reduce(mergeScopes));
}

function walkFor(node: Extract<CommandNode, { type: 'For' | 'Select' }>, place: WalkPlace): void {
  const words: readonly Word[] = node.wordlist ?? [];
  readSubstitutions(words, place, walkScript);
  const lookup = lookupIn(place.scope);
  const values = words.flatMap((word) => expandFields(word, place.script, lookup)).map((word) => word.value);
  const isAlways = values.length > 0 && values.every((value) => value !== undefined && !/[*?[]/.test(value));
  setVariable(place.scope, node.name.value, isAlways && values.length === 1 ? values[0] : undefined);
  const inner = within(place, 'loop', isAlways && node.type === 'For');
  if (inner.isAlwaysRun) walkList(node.body, inner);
  else walkMaybe(node.body, inner);
}

function walkCase(node: Extract<CommandNode, { type: 'Case' }>, place: WalkPlace): void {
  const { scope } = place;
  readSubstitutions([node.word], place, walkScript);
  const ends: ShellState[] = [];
  let takesAll = false;
  for (const item of node.items) {
    const inner = copyScope(scope);
    walkList(item.body, { ...within(place, 'case', false), scope: inner });
    ends.push(inner);
    takesAll ||= item.pattern.some((pattern) => pattern.text === '*');
  }
  if (!takesAll) ends.push(copyScope(scope));
  assignScope(scope, ends.reduce(mergeScopes));
}

/** The body of a function, where it is called. */
function walkFunctionBody(name: string, place: WalkPlace): void {
  const found = place.reading.functions.get(name);
  if (found === undefined || place.reading.called.has(found.node) || place.depth > MAX_SCRIPT_DEPTH) return;
  place.reading.called.add(found.node);
  const inner = { ...within(place, 'function', true), script: found.script, depth: place.depth + 1 };
  const { body } = found.node;
  if (body.type === 'CompoundList') walkList(body, inner);
  else walkCommand(body.type === 'Redirected' ? body.command : body, inner);
}
