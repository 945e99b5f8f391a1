import type { FileTree } from '../../core/file-tree.ts';
import { check } from '../check.ts';
import { readRepositoryFacts, type RepositoryReading } from '../facts/read-repository.ts';
import type { Edit, Finding, Rule } from '../types.ts';
import { applyEdits } from './apply-edits.ts';
import { chooseFixes } from './choose-fixes.ts';
import { overlayTree } from './overlay-tree.ts';
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
  /** Their fixes could not be shown to be right, so they were left as advice. */
  readonly refused: readonly Finding[];
}

const MAX_ROUNDS = 10;

/**
 * Applies fixes until there are none left. Each round takes those that don't meet each other; what they lead to is linted
 * again, and a fix that leaves its own finding, brings a new one, or changes instructions it didn't announce is not made.
 */
export function fixRepository(files: FileTree, request: FixRequest): FixOutcome {
  let tree = files;
  const texts = new Map<string, string>();
  const fixed: Finding[] = [];
  const refused = new Map<string, Finding>();
  let remaining = findAll(tree, request);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const open = remaining.filter((finding) => isFixable(finding, request.withUnsafe) && !refused.has(keyOf(finding)));
    if (open.length === 0) break;
    const { chosen } = chooseFixes(open);
    const together = tryFixes(tree, { chosen, before: remaining }, request);
    const results = together === undefined ? chosen.map((finding) => ({ finding, chosen: [finding] })) : [];
    if (together !== undefined) {
      ({ tree, remaining } = together);
      for (const [path, text] of together.texts) texts.set(path, text);
      fixed.push(...chosen);
      continue;
    }
    // One of them is at fault: the first that works alone is taken, the others come again.
    let hasProgress = false;
    for (const { finding, chosen } of results) {
      const alone = tryFixes(tree, { chosen, before: remaining }, request);
      if (alone === undefined) {
        refused.set(keyOf(finding), finding);
        continue;
      }
      ({ tree, remaining } = alone);
      for (const [path, text] of alone.texts) texts.set(path, text);
      fixed.push(finding);
      hasProgress = true;
      break;
    }
    if (!hasProgress) break;
  }
  return { texts, fixed, remaining, refused: [...refused.values()] };
}

/** Findings of a tree, as selected. */
export function findAll(tree: FileTree, { rules, reading, select }: FixRequest): readonly Finding[] {
  const findings = check(readRepositoryFacts(tree, reading), rules);
  return select === undefined ? findings : select(findings, tree);
}

function isFixable({ fix }: Finding, withUnsafe: boolean): boolean {
  return fix !== undefined && fix.edits.length > 0 && (fix.isSafe || withUnsafe);
}

/** Places move with every fix, so a finding is known by what it says. */
function keyOf({ ruleId, file, message }: Finding): string {
  return JSON.stringify([ruleId, file, message]);
}

interface Attempt {
  readonly tree: FileTree;
  readonly texts: ReadonlyMap<string, string>;
  readonly remaining: readonly Finding[];
}

function tryFixes(
  tree: FileTree,
  { chosen, before }: { readonly chosen: readonly Finding[]; readonly before: readonly Finding[] },
  request: FixRequest,
): Attempt | undefined {
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
  const remaining = findAll(changed, request);
  return isCleaner(before, remaining, chosen) ? { tree: changed, texts, remaining } : undefined;
}

function applyTo(
  tree: FileTree,
  { file, edits }: { readonly file: string; readonly edits: readonly Edit[] },
  { reading }: FixRequest,
): string | undefined {
  const text = tree.read(file);
  if (text === undefined) return undefined;
  const isDockerfile = reading.dockerfiles.includes(file);
  const after = applyEdits(text, edits, isDockerfile);
  if (after === undefined || after === text) return undefined;
  return isDockerfile && !keepsInstructions(text, after, edits) ? undefined : after;
}

/** Every fixed finding is gone, and no rule has more of them than before. */
function isCleaner(before: readonly Finding[], after: readonly Finding[], fixed: readonly Finding[]): boolean {
  const count = (findings: readonly Finding[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const { ruleId, file } of findings)
      counts.set(`${ruleId} ${file}`, (counts.get(`${ruleId} ${file}`) ?? 0) + 1);
    return counts;
  };
  const [had, done] = [count(before), count(fixed)];
  return [...count(after)].every(([key, now]) => now <= (had.get(key) ?? 0) - (done.get(key) ?? 0));
}
