import type { FileTree } from '../../core/file-tree.ts';
import type { DefinitionProblem } from '../../definitions/types.ts';
import { check, type KnownProblems } from '../check.ts';
import { readRepositoryFacts, type EarlierFacts, type RepositoryReading } from '../facts/read-repository.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { findNotFollowed } from '../not-followed.ts';
import { UNUSED_IGNORE } from '../settle.ts';
import { SEVERITIES, type Edit, type Finding, type Rule } from '../types.ts';
import { applyEdits } from './apply-edits.ts';
import { chooseFixes } from './choose-fixes.ts';
import { overlayTree, textToEdit } from './overlay-tree.ts';
import { keepsInstructions } from './verify-fix.ts';

export interface FixRequest {
  readonly rules: readonly Rule[];
  readonly reading: RepositoryReading;
  readonly withUnsafe: boolean;
  /** Takes findings out that are suppressed or not to be mended. */
  readonly select?: (findings: readonly Finding[], files: FileTree) => readonly Finding[];
}

export interface FixOutcome {
  /** New texts by path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly fixed: readonly Finding[];
  /** What is left, with offsets in the new texts. */
  readonly remaining: readonly Finding[];
  readonly definitionProblems: readonly DefinitionProblem[];
  /** Their fixes could not be shown to be right, so they were left as advice. */
  readonly refused: readonly Finding[];
}

const MAX_ROUNDS = 100;

/**
 * Applies fixes until there are none left. Each round takes those that don't meet each other, the heaviest first, file by file;
 * what they lead to is linted again, and a fix that leaves its own finding, brings a new one, or changes instructions it didn't
 * announce is not made.
 */
export function fixRepository(files: FileTree, request: FixRequest): FixOutcome {
  const fixed: Finding[] = [];
  const refused = new Map<string, Finding>();
  const texts = new Map<string, string>();
  const dockerfiles = new Set(request.reading.dockerfiles);
  let current: Current = findAll(files, request);
  let isChanged = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const open = current.remaining
      .filter((finding) => isFixable(finding, request.withUnsafe) && !refused.has(keyOf(finding)))
      .toSorted((a, b) => weight(b) - weight(a));
    if (open.length === 0) {
      if (!isChanged || refused.size === 0) break;
      // What was refused may do beside the fixes that were made since.
      refused.clear();
      isChanged = false;
      continue;
    }
    for (const group of groupFixes(chooseFixes(open).chosen, dockerfiles)) {
      const { attempt, done } = tryGroup(current, group, { request, refused });
      if (attempt === undefined) continue;
      current = attempt;
      isChanged = true;
      fixed.push(...done);
      for (const [path, text] of attempt.texts) texts.set(path, text);
    }
  }
  const { remaining, facts } = current;
  const { definitionProblems } = facts;
  return { texts, fixed, remaining, refused: [...refused.values()], definitionProblems };
}

interface GroupResult {
  readonly attempt: Attempt | undefined;
  readonly done: readonly Finding[];
}

/** All fixes of a file; when they don't do together, the first that does alone, as the others' places are then out of date. */
function tryGroup(
  current: Current,
  group: readonly Finding[],
  { request, refused }: { readonly request: FixRequest; readonly refused: Map<string, Finding> },
): GroupResult {
  const together = tryFixes(current, group, request);
  if (together !== undefined) return { attempt: together, done: group };
  for (const finding of group) {
    const attempt = group.length === 1 ? undefined : tryFixes(current, [finding], request);
    if (attempt !== undefined) return { attempt, done: [finding] };
    refused.set(keyOf(finding), finding);
  }
  return { attempt: undefined, done: [] };
}

/** Fixes of one Dockerfile; those of workflows and alike together, as every build has to be read again after them. */
function groupFixes(findings: readonly Finding[], dockerfiles: ReadonlySet<string>): readonly (readonly Finding[])[] {
  const groups = Map.groupBy(findings, ({ fix }) => {
    const files = [...new Set(fix?.edits.map(({ file }) => file))];
    return files.some((file) => dockerfiles.has(file)) ? files.sort().join('\n') : '';
  });
  // A file of two groups would be edited at places that the first one moved: the second comes in the next round.
  const taken = new Set<string>();
  return [...groups].flatMap(([key, group]) => {
    const files = key.split('\n');
    if (files.some((file) => taken.has(file))) return [];
    for (const file of files) taken.add(file);
    return [group];
  });
}

function weight({ severity }: Finding): number {
  return SEVERITIES.indexOf(severity);
}

/** Findings of a tree, as selected. */
function findAll(
  tree: FileTree,
  { rules, reading, select }: FixRequest,
  earlier?: EarlierFacts & Pick<Current, 'known'>,
): Current {
  const facts = readRepositoryFacts(tree, reading, earlier);
  const known: KnownProblems = earlier?.known ?? new WeakMap();
  const findings = [...check(facts, rules, known), ...findNotFollowed(facts)];
  return { tree, facts, known, remaining: select === undefined ? findings : select(findings, tree) };
}

function isFixable({ fix }: Finding, withUnsafe: boolean): boolean {
  return fix !== undefined && fix.edits.length > 0 && (fix.isSafe || withUnsafe);
}

/** Places move with every fix, so a finding is known by what it says. */
export function keyOf({ ruleId, file, message }: Finding): string {
  return JSON.stringify([ruleId, file, message]);
}

interface Current {
  readonly tree: FileTree;
  readonly facts: RepositoryFacts;
  readonly known: KnownProblems;
  readonly remaining: readonly Finding[];
}

interface Attempt extends Current {
  readonly texts: ReadonlyMap<string, string>;
}

function tryFixes(current: Current, chosen: readonly Finding[], request: FixRequest): Attempt | undefined {
  const { tree } = current;
  const edits = Map.groupBy(
    chosen.flatMap(({ fix }) => fix?.edits ?? []),
    ({ file }) => file,
  );
  const texts = new Map<string, string>();
  for (const [file, list] of edits) {
    const text = applyTo(tree, { file, edits: list }, request);
    if (text === undefined) return undefined;
    texts.set(file, text);
  }
  const changed = overlayTree(tree, texts);
  const next = findAll(changed, request, { ...current, changed: new Set(texts.keys()) });
  // In a definition that can't be read any more nothing is found either.
  const isReadable = next.facts.definitionProblems.length <= current.facts.definitionProblems.length;
  const isGood = next.facts.faults.length === 0 && isReadable && isCleaner(current.remaining, next.remaining, chosen);
  return isGood ? { ...next, texts } : undefined;
}

function applyTo(
  tree: FileTree,
  { file, edits }: { readonly file: string; readonly edits: readonly Edit[] },
  { reading }: FixRequest,
): string | undefined {
  const text = textToEdit(tree, file);
  if (text === undefined) return undefined;
  const isDockerfile = reading.dockerfiles.includes(file);
  const after = applyEdits(text, edits, isDockerfile);
  if (after === undefined || after === text) return undefined;
  return isDockerfile && !keepsInstructions(text, after, edits) ? undefined : after;
}

/**
 * Every fixed finding is gone, and no rule has more of them than before, but for advice (info) and lighter ones that a safe fix takes
 * away in the next round: a download that the mounts have made needless.
 */
function isCleaner(before: readonly Finding[], after: readonly Finding[], fixed: readonly Finding[]): boolean {
  const keyOfRule = ({ ruleId, file }: Finding): string => `${ruleId} ${file}`;
  const [had, done] = [Map.groupBy(before, keyOfRule), Map.groupBy(fixed, keyOfRule)];
  const heaviest = Math.max(...fixed.map(weight));
  return [...Map.groupBy(after, keyOfRule)].every(([key, now]) => {
    if (now[0]?.ruleId === UNUSED_IGNORE) return true;
    const cleaned = done.get(key)?.length ?? 0;
    if (now.length <= (had.get(key)?.length ?? 0) - cleaned) return true;
    const isHarmless = (finding: Finding): boolean =>
      finding.severity === 'info' || (finding.fix?.isSafe === true && weight(finding) < heaviest);
    return cleaned === 0 && now.every(isHarmless);
  });
}
