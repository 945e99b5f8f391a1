import { expandText } from './expand.ts';
import type { ExpandContext } from './functions.ts';
import { exactText, type MappedText } from '../../shell/mapped-text.ts';
import { noteNotFollowed } from './reading.ts';
import { fillPattern, findOutside, isUnknownText, matchPattern, splitWords } from './text.ts';
import type { MakeRule, RecipeLine } from './types.ts';
import { parseDefinition } from './variables.ts';
import { expandWildcard } from './wildcard.ts';

/** A rule whose recipe lines are still to come. */
export interface OpenRule {
  readonly rules: readonly MakeRule[];
  readonly recipe: RecipeLine[];
}

/**
 * Reads `targets: prerequisites | order-only ; recipe` and enters it; undefined when the line is no rule or only sets variables.
 * `behindSemicolon` is the recipe as the file has it, with comments and continuations.
 */
export function readRule(line: string, context: ExpandContext, behindSemicolon?: MappedText): OpenRule | undefined {
  const colon = colonOf(line);
  if (colon < 0) return readExpandedRule(line, context);
  const { reading, place } = context;
  const left = line.slice(0, colon);
  const isGrouped = left.endsWith('&');
  const targetText = expandText(isGrouped ? left.slice(0, -1) : left, context);
  if (isUnknownText(targetText)) {
    noteNotFollowed(reading, place, `the rule for \`${left.trim()}\``);
    return { rules: [], recipe: [] };
  }
  const targets = expandNames(targetText, context);
  const isDoubleColon = line[colon + 1] === ':';
  const rest = line.slice(colon + (isDoubleColon ? 2 : 1));
  if (readTargetVariable(rest, targets, context)) return undefined;
  const semicolon = findOutside(rest, 0, (char) => char === ';');
  const recipe: RecipeLine[] = [];
  if (semicolon >= 0)
    recipe.push({ ...place, text: behindSemicolon ?? exactText(rest.slice(semicolon + 1).trimStart()) });
  const rules = buildRules(
    { targets, isGrouped, isDoubleColon, recipe },
    rest.slice(0, semicolon < 0 ? undefined : semicolon),
    context,
  );
  for (const rule of rules) enterRule(rule, context);
  return { rules, recipe };
}

/** The colon behind the targets; `\:` is part of a name. */
function colonOf(line: string): number {
  return findOutside(line, 0, (char, at) => char === ':' && line[at - 1] !== '\\');
}

/** A line such as `$(RULES)`, whose colon only comes from a variable. */
function readExpandedRule(line: string, context: ExpandContext): OpenRule | undefined {
  const text = expandText(line, context).trim();
  if (text === '') return undefined;
  const [first = '', ...more] = text.split('\n');
  if (more.length === 0 && !first.includes('$') && colonOf(first) >= 0 && !isUnknownText(first)) {
    return readRule(first, context);
  }
  noteNotFollowed(context.reading, context.place, `the line \`${line.trim().slice(0, 60)}\``);
  return undefined;
}

function expandNames(text: string, { reading }: ExpandContext): readonly string[] {
  return splitWords(text)
    .flatMap((word) => {
      if (!/[*?[]/.test(word)) return [word];
      const found = expandWildcard(reading.tree, reading.directory, word);
      return found.length > 0 ? found : [word];
    })
    .map(plainName);
}

/** `./app` and `app` are one target; `\:` is a colon. */
function plainName(word: string): string {
  return word.replace(/^(?:\.\/+)+(?=.)/, '').replace(/\\([:#%])/g, '$1');
}

function readTargetVariable(rest: string, targets: readonly string[], context: ExpandContext): boolean {
  let text = rest;
  let isOverride = false;
  let isExported = false;
  for (let word = /^[ \t]*(export|override|private)[ \t]+/.exec(text); word !== null; ) {
    isOverride ||= word[1] === 'override';
    isExported ||= word[1] === 'export';
    text = text.slice(word[0].length);
    word = /^[ \t]*(export|override|private)[ \t]+/.exec(text);
  }
  const definition = parseDefinition(text);
  if (definition === undefined) return false;
  if (isExported) context.reading.exported.set(expandText(definition.name, context).trim(), true);
  for (const target of targets) {
    const list = context.reading.targetVariables.get(target) ?? [];
    list.push({ ...context.place, definition: text, isOverride });
    context.reading.targetVariables.set(target, list);
  }
  return true;
}

type Head = Pick<MakeRule, 'targets' | 'isGrouped' | 'isDoubleColon' | 'recipe'>;

function buildRules(head: Head, rest: string, context: ExpandContext): readonly MakeRule[] {
  const { reading, place } = context;
  const expanded = expandText(rest, context);
  if (isUnknownText(expanded)) noteNotFollowed(reading, place, `some prerequisites of \`${head.targets.join(' ')}\``);
  const known = splitWords(expanded)
    .filter((word) => !isUnknownText(word))
    .join(' ');
  const colon = known.search(/(?<!\\):(?:\s|$)|(?<=%\S*):(?=\S)/);
  if (colon >= 0 && known.slice(0, colon).includes('%')) return staticRules(head, known, colon, context);
  const { prerequisites, orderOnly } = splitPrerequisites(known, context);
  return [{ ...head, ...place, prerequisites, orderOnly, stem: undefined }];
}

/** `targets: pattern: prerequisites` */
function staticRules(head: Head, text: string, colon: number, context: ExpandContext): readonly MakeRule[] {
  const pattern = text.slice(0, colon).trim();
  const { prerequisites, orderOnly } = splitPrerequisites(text.slice(colon + 1), context);
  return head.targets.flatMap((target) => {
    const stem = matchPattern(pattern, target);
    if (stem === undefined) return [];
    const fill = (name: string): string => fillPattern(name, stem);
    return [
      {
        ...head,
        ...context.place,
        targets: [target],
        prerequisites: prerequisites.map(fill),
        orderOnly: orderOnly.map(fill),
        stem,
      },
    ];
  });
}

function splitPrerequisites(
  text: string,
  context: ExpandContext,
): { readonly prerequisites: readonly string[]; readonly orderOnly: readonly string[] } {
  const words = splitWords(text);
  const bar = words.indexOf('|');
  const names = (list: readonly string[]): readonly string[] => expandNames(list.join(' '), context);
  if (bar < 0) return { prerequisites: names(words), orderOnly: [] };
  return { prerequisites: names(words.slice(0, bar)), orderOnly: names(words.slice(bar + 1)) };
}

function enterRule(rule: MakeRule, { reading }: ExpandContext): void {
  if (rule.targets.some((target) => target.includes('%')) && rule.stem === undefined) {
    const same = reading.patternRules.findIndex((each) => isSamePattern(each, rule));
    if (same >= 0) reading.patternRules.splice(same, 1);
    reading.patternRules.push(rule);
    return;
  }
  for (const target of rule.targets) {
    const list = reading.rules.get(target) ?? [];
    list.push(rule);
    reading.rules.set(target, list);
    const canBeGoal = !target.startsWith('.') || target.includes('/');
    if (canBeGoal && reading.defaultGoal === undefined) reading.defaultGoal = target;
  }
}

/** A later pattern rule with the same targets and prerequisites takes the place of the earlier one. */
function isSamePattern(one: MakeRule, other: MakeRule): boolean {
  const key = ({ targets, prerequisites }: MakeRule): string => JSON.stringify([targets, prerequisites]);
  return one.targets[0] === other.targets[0] && key(one) === key(other);
}
