import type { SlipwayError } from '../core/errors.ts';
import type { FileTree } from '../core/file-tree.ts';
import { check } from './check.ts';
import { readRepositoryFacts, type RepositoryReading } from './facts/read-repository.ts';
import { fixRepository, keyOf, type FixOutcome } from './fix/fix-repository.ts';
import { findNotFollowed } from './not-followed.ts';
import { dockerfileTest, settle } from './settle.ts';
import type { Finding, Rule, Severity } from './types.ts';

export interface LintRequest {
  readonly reading: RepositoryReading;
  /** The rules that run. */
  readonly rules: readonly Rule[];
  /** Ids of all rules there are, for ignore comments. */
  readonly known: readonly string[];
  /** Weights that the configuration sets. */
  readonly severities: ReadonlyMap<string, Severity>;
  /** Files besides Dockerfiles whose ignore comments count. */
  readonly subjects: readonly string[];
  /** Takes files out altogether, and what rules of the whole repository say of files that weren't asked for. */
  readonly isWanted: (finding: Finding, isOfBuild: boolean) => boolean;
  readonly fixes: 'none' | 'safe' | 'unsafe';
}

export interface LintOutcome extends FixOutcome {
  /** Files that could not be read or parsed: nothing was mended then. */
  readonly faults: readonly SlipwayError[];
}

/** Lints, and mends what is asked for. Nothing is written: `texts` are what the files should hold. */
export function lint(files: FileTree, request: LintRequest): LintOutcome {
  const { rules, reading } = request;
  const isDockerfile = dockerfileTest(reading.dockerfiles);
  const ofBuild = new Set(rules.filter(({ subject }) => subject === 'build').map(({ id }) => id));
  const enabled = new Set(rules.map(({ id }) => id));
  const subjects = [...reading.dockerfiles, ...request.subjects];
  const select = (findings: readonly Finding[], tree: FileTree): readonly Finding[] =>
    settle(
      findings.filter((finding) => request.isWanted(finding, ofBuild.has(finding.ruleId))),
      { files: tree, subjects, isDockerfile, known: request.known, enabled, severities: request.severities },
    ).toSorted(byPlace);
  const facts = readRepositoryFacts(files, reading);
  if (request.fixes === 'none' || facts.faults.length > 0) {
    const remaining = select([...check(facts, rules), ...findNotFollowed(facts)], files);
    return {
      texts: new Map(),
      fixed: [],
      remaining,
      refused: [],
      faults: facts.faults,
      definitionProblems: facts.definitionProblems,
    };
  }
  const outcome = fixRepository(files, { rules, reading, select, withUnsafe: request.fixes === 'unsafe' });
  const refused = new Set(outcome.refused.map(keyOf));
  const remaining = outcome.remaining.map((each) => (refused.has(keyOf(each)) ? { ...each, fix: undefined } : each));
  return { ...outcome, remaining, faults: [] };
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.range.start - b.range.start || (a.ruleId < b.ruleId ? -1 : 1);
}
