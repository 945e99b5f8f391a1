import { joinMapped, sourceRange, standInText, type MappedText } from '../../shell/mapped-text.ts';
import { readCommands } from '../../shell/read-commands.ts';
import { defineVariable } from './define.ts';
import { contextAt, expandText } from './expand.ts';
import { exists, findImplicitRule } from './find-implicit-rule.ts';
import { expandRecipeLine, withoutPrefix } from './expand-recipe.ts';
import { noteNotFollowed, type MakeReading } from './reading.ts';
import { fillPattern, isUnknownText, matchPattern, splitWords } from './text.ts';
import type { MakeCommand, MakePlace, MakeRecipe, MakeRule, RecipeLine } from './types.ts';
import { findVariable, newScope, parseDefinition, type VariableScope } from './variables.ts';

/** One run of make, and who gets what it runs. */
export interface MakeExecution {
  readonly reading: MakeReading;
  readonly environment: ReadonlyMap<string, string>;
  readonly unknown: ReadonlySet<string>;
  /** Variables of make's command line, which the commands see too. */
  readonly commandLine: ReadonlyMap<string, string>;
  readonly isAlwaysRun: boolean;
  readonly via: readonly string[];
  readonly addRecipe: (recipe: MakeRecipe) => void;
  readonly addCommand: (command: MakeCommand) => void;
}

/** Makes the goals one after the other. */
export function makeTargets(goals: readonly string[], place: MakePlace, execution: MakeExecution): void {
  const state: RunState = { ...execution, done: new Map(), phony: phonyTargets(execution.reading) };
  for (const goal of goals) {
    makeTarget(goal.replace(/^(?:\.\/+)+(?=.)/, ''), { state, scope: execution.reading.globals, path: [], place });
  }
}

/** Was the target made? `maybe`: only if a file is older than another one. */
type Outcome = 'made' | 'maybe' | 'kept';

interface RunState extends MakeExecution {
  readonly done: Map<string, Outcome>;
  readonly phony: ReadonlySet<string>;
}

interface TargetPlace {
  readonly state: RunState;
  /** Variables of the targets that this one is made for. */
  readonly scope: VariableScope;
  /** Targets around it, to see a circle. */
  readonly path: readonly string[];
  /** Where it is asked for. */
  readonly place: MakePlace;
}

const MAX_DEPTH = 200;

function phonyTargets({ rules }: MakeReading): ReadonlySet<string> {
  return new Set((rules.get('.PHONY') ?? []).flatMap(({ prerequisites }) => prerequisites));
}

function makeTarget(target: string, at: TargetPlace): Outcome {
  const { state, path, place } = at;
  const known = state.done.get(target);
  if (known !== undefined) return known;
  if (path.includes(target)) {
    noteNotFollowed(state.reading, place, `the prerequisite \`${target}\`, which needs itself`);
    return 'kept';
  }
  if (path.length > MAX_DEPTH) {
    noteNotFollowed(state.reading, place, `the prerequisite \`${target}\`, which is nested too deeply`);
    return 'kept';
  }
  const rules = state.reading.rules.get(target) ?? [];
  const scope = targetScope(target, at);
  const outcome = rules.some((rule) => rule.isDoubleColon)
    ? makeDoubleColon(target, rules, { ...at, scope })
    : makeSingle(target, rules, { ...at, scope });
  state.done.set(target, outcome);
  return outcome;
}

/** Definitions for the target itself come before those for patterns that match it. */
function targetScope(target: string, { state, scope }: TargetPlace): VariableScope {
  const { targetVariables } = state.reading;
  const patterns = [...targetVariables.keys()].filter(
    (pattern) => pattern.includes('%') && matchPattern(pattern, target) !== undefined,
  );
  const definitions = [...patterns, target].flatMap((name) => targetVariables.get(name) ?? []);
  if (definitions.length === 0) return scope;
  const inner = newScope(scope);
  for (const { definition, isOverride, ...place } of definitions) {
    const parsed = parseDefinition(definition);
    if (parsed === undefined) continue;
    const context = { ...contextAt(state.reading, inner, place) };
    defineVariable(parsed, context, { origin: isOverride ? 'override' : 'file', into: inner });
  }
  return inner;
}

interface Work {
  readonly prerequisites: readonly string[];
  readonly orderOnly: readonly string[];
  readonly rule: MakeRule | undefined;
  readonly stem: string;
}

function makeSingle(target: string, rules: readonly MakeRule[], at: TargetPlace): Outcome {
  const { state } = at;
  const isPhony = state.phony.has(target);
  const withRecipe = rules.findLast((rule) => rule.recipe.length > 0);
  // A rule with a recipe puts its prerequisites in front of those that are there, one without adds them at the end.
  const ordered = rules.reduce<readonly MakeRule[]>(
    (before, rule) => (rule.recipe.length > 0 ? [rule, ...before] : [...before, rule]),
    [],
  );
  const implicit = withRecipe === undefined && !isPhony ? findImplicitRule(state.reading, target) : undefined;
  if (rules.length === 0 && implicit === undefined) return makeUnknown(target, at);
  return runWork(
    target,
    {
      prerequisites: [...(implicit?.prerequisites ?? []), ...ordered.flatMap((rule) => rule.prerequisites)],
      orderOnly: [...(implicit?.orderOnly ?? []), ...ordered.flatMap((rule) => rule.orderOnly)],
      rule: withRecipe ?? implicit?.rule,
      stem: withRecipe?.stem ?? implicit?.stem ?? '',
    },
    at,
  );
}

function makeUnknown(target: string, { state, place, scope }: TargetPlace): Outcome {
  if (exists(state.reading, target)) return 'kept';
  const fallback = state.reading.rules.get('.DEFAULT')?.findLast((rule) => rule.recipe.length > 0);
  if (fallback !== undefined) {
    runRecipe(
      target,
      { prerequisites: [], orderOnly: [], rule: fallback, stem: '' },
      { state, place, scope, path: [] },
      true,
    );
    return 'made';
  }
  noteNotFollowed(state.reading, place, `the target \`${target}\`, which has no rule`);
  return 'kept';
}

/** Each of the rules is on its own. */
function makeDoubleColon(target: string, rules: readonly MakeRule[], at: TargetPlace): Outcome {
  let outcome: Outcome = 'kept';
  for (const rule of rules) {
    const work = { prerequisites: rule.prerequisites, orderOnly: rule.orderOnly, rule, stem: rule.stem ?? '' };
    const one = runWork(target, work, at, rule.prerequisites.length === 0);
    if (one === 'made' || outcome === 'kept') outcome = one;
  }
  return outcome;
}

function runWork(target: string, work: Work, at: TargetPlace, isForced = false): Outcome {
  const { state, path } = at;
  const place = work.rule ?? state.reading.rules.get(target)?.[0] ?? at.place;
  const prerequisites = expandLate(target, work.prerequisites, work, at);
  const inner = { ...at, path: [...path, target], place };
  const outcomes = prerequisites.map((name) => makeTarget(name, inner));
  for (const name of expandLate(target, work.orderOnly, work, at)) makeTarget(name, inner);
  const hasFile = exists(state.reading, target) && !state.phony.has(target);
  let outcome: Outcome = 'kept';
  if (isForced || !hasFile || outcomes.includes('made')) outcome = 'made';
  else if (prerequisites.length > 0) outcome = 'maybe';
  if (outcome === 'kept' || work.rule === undefined) return outcome;
  runRecipe(target, { ...work, prerequisites }, at, outcome === 'made');
  if (work.rule.isGrouped || (work.rule.targets.length > 1 && work.rule.targets[0]?.includes('%') === true)) {
    for (const other of work.rule.targets) state.done.set(fillPattern(other, work.stem), outcome);
  }
  return outcome;
}

/** `.SECONDEXPANSION`: what is left of `$$` is expanded when the target is made. */
function expandLate(target: string, names: readonly string[], work: Work, at: TargetPlace): readonly string[] {
  const { reading } = at.state;
  if (!reading.rules.has('.SECONDEXPANSION') || !names.some((name) => name.includes('$'))) return names;
  const scope = automaticScope(target, { ...work, prerequisites: [] }, at.scope);
  const text = expandText(names.join(' '), contextAt(reading, scope, work.rule ?? at.place));
  return splitWords(text).filter((name) => !isUnknownText(name));
}

function automaticScope(target: string, work: Work, parent: VariableScope): VariableScope {
  const scope = newScope(parent);
  const unique = [...new Set(work.prerequisites)];
  const values: Readonly<Record<string, string>> = {
    '@': target,
    '<': work.prerequisites[0] ?? '',
    '^': unique.join(' '),
    '+': work.prerequisites.join(' '),
    '?': unique.join(' '),
    '|': [...new Set(work.orderOnly)].join(' '),
    '*': work.stem,
  };
  for (const [name, value] of Object.entries(values)) {
    setAutomatic(scope, name, value);
    const words = splitWords(value);
    setAutomatic(scope, `${name}D`, words.map(directoryOf).join(' '));
    setAutomatic(scope, `${name}F`, words.map((word) => word.slice(word.lastIndexOf('/') + 1)).join(' '));
  }
  return scope;
}

function setAutomatic(scope: VariableScope, name: string, value: string): void {
  scope.variables.set(name, { value, isRecursive: false, origin: 'automatic' });
}

function directoryOf(word: string): string {
  const slash = word.lastIndexOf('/');
  return slash < 0 ? '.' : word.slice(0, slash);
}

function runRecipe(target: string, work: Work, at: TargetPlace, isCertain: boolean): void {
  const { rule } = work;
  if (rule === undefined) return;
  const { state, path } = at;
  const scope = automaticScope(target, work, at.scope);
  const isAlwaysRun = isCertain && state.isAlwaysRun;
  let known: ReturnType<typeof recipeEnvironment> | undefined;
  const environment = (): ReturnType<typeof recipeEnvironment> => (known ??= recipeEnvironment(rule, scope, state));
  const via = [...state.via, ...path, target];
  const facts: RecipeFacts = { target, scope, via, isAlwaysRun, state, environment };
  const isOneShell = state.reading.rules.has('.ONESHELL');
  const together: MappedText[] = [];
  for (const line of rule.recipe) {
    for (const expanded of expandRecipeLine(line.text, contextAt(state.reading, scope, line))) {
      const text = withoutPrefix(expanded);
      if (text.text.trim() === '') continue;
      const range = sourceRange(line.text, { start: 0, end: line.text.text.length });
      state.addRecipe({ file: line.file, line: line.line, target, text: text.text, range, isAlwaysRun });
      if (isOneShell) together.push(text, standInText('\n', { start: range.end, end: range.end }));
      else readRecipe(text, line, facts);
    }
  }
  const [first] = rule.recipe;
  if (together.length > 0 && first !== undefined) readRecipe(joinMapped(together), first, facts);
}

interface RecipeFacts {
  readonly target: string;
  readonly scope: VariableScope;
  readonly via: readonly string[];
  readonly isAlwaysRun: boolean;
  readonly state: RunState;
  /** The same for all lines of a recipe. */
  readonly environment: () => ReturnType<typeof recipeEnvironment>;
}

function readRecipe(script: MappedText, line: RecipeLine, facts: RecipeFacts): void {
  const { state, scope, target, via, isAlwaysRun, environment } = facts;
  const { reading } = state;
  const shell = findVariable(scope, 'SHELL');
  if (
    shell?.origin === 'file' &&
    !/(?:^|\/)(?:ba|da|a|k|z)?sh(?:\s|$)/.test(expandText(shell.value, contextAt(reading, scope, line)))
  ) {
    noteNotFollowed(reading, line, `a recipe for \`SHELL = ${shell.value}\``);
    return;
  }
  const { env, unknown } = environment();
  const run = readCommands(script, { env, unknown, cwd: reading.currentDirectory });
  for (const { what } of run.notRead) noteNotFollowed(reading, line, `a line of the recipe of \`${target}\`: ${what}`);
  for (const command of run.commands) {
    state.addCommand({ ...command, isAlwaysRun: command.isAlwaysRun && isAlwaysRun, file: line.file, target, via });
  }
}

/** What the commands find in their environment: make's own one, what is exported, and the variables of the command line. */
function recipeEnvironment(
  place: MakePlace,
  scope: VariableScope,
  { reading, environment, unknown, commandLine }: RunState,
): { readonly env: ReadonlyMap<string, string>; readonly unknown: ReadonlySet<string> } {
  const env = new Map(environment);
  const missing = new Set(unknown);
  const names = new Set([...environment.keys(), ...unknown, ...commandLine.keys(), ...reading.exported.keys()]);
  if (reading.exportsAll) for (const name of namesIn(scope)) names.add(name);
  for (const name of names) {
    if (reading.exported.get(name) === false) {
      env.delete(name);
      missing.delete(name);
      continue;
    }
    const variable = findVariable(scope, name);
    if (variable === undefined || variable.origin === 'environment' || name === 'SHELL') continue;
    const context = contextAt(reading, scope, place);
    const value = variable.isRecursive ? expandText(variable.value, context) : variable.value;
    if (isUnknownText(value)) {
      env.delete(name);
      missing.add(name);
    } else {
      env.set(name, value);
      missing.delete(name);
    }
  }
  return { env, unknown: missing };
}

function namesIn(scope: VariableScope): readonly string[] {
  const names: string[] = [];
  for (let at: VariableScope | undefined = scope; at !== undefined; at = at.parent) {
    for (const [name, { origin }] of at.variables) {
      if (/^[A-Za-z_]\w*$/.test(name) && origin !== 'default' && origin !== 'automatic') names.push(name);
    }
  }
  return names;
}
