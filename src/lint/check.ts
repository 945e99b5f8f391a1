import type { ImageBuild } from './facts/image-build.ts';
import type { RepositoryFacts } from './facts/repository.ts';
import { SEVERITIES, type Finding, type Problem, type Rule } from './types.ts';

/** Runs rules over the facts. Findings are sorted by file and place; one that holds for several targets comes once. */
export function check(
  repository: RepositoryFacts,
  rules: readonly Rule[],
  known: KnownProblems = new WeakMap(),
): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const rule of rules) {
    for (const problem of problemsOf(rule, repository, known)) {
      const finding = toFinding(rule, problem);
      const key = JSON.stringify([rule.id, problem.file, problem.range.start, problem.range.end]);
      const known = findings.get(key);
      if (known === undefined || isBetter(finding, known)) findings.set(key, finding);
    }
  }
  return [...findings.values()].sort(byPlace);
}

/** What rules said of builds before: a build that is the same object is not looked at again. */
export type KnownProblems = WeakMap<ImageBuild, Map<Rule, readonly Problem[]>>;

function problemsOf(rule: Rule, repository: RepositoryFacts, known: KnownProblems): readonly Problem[] {
  if (rule.subject === 'repository') return rule.check(repository);
  return repository.builds.flatMap((build) => {
    const ofBuild = known.get(build) ?? new Map<Rule, readonly Problem[]>();
    known.set(build, ofBuild);
    const problems = ofBuild.get(rule) ?? rule.check(build);
    ofBuild.set(rule, problems);
    return problems;
  });
}

function toFinding(rule: Rule, problem: Problem): Finding {
  return {
    ...problem,
    // A file with \r\n may have a \r in its words.
    message: problem.message.replace(/\p{Cc}+/gu, ''),
    ruleId: rule.id,
    severity: problem.severity ?? rule.severity,
    confidence: problem.confidence ?? 'high',
  };
}

/** Of two targets, the one for which more is known, then the heavier. */
function isBetter(finding: Finding, known: Finding): boolean {
  if (finding.confidence !== known.confidence) return finding.confidence === 'high';
  return SEVERITIES.indexOf(finding.severity) > SEVERITIES.indexOf(known.severity);
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.range.start - b.range.start || (a.ruleId < b.ruleId ? -1 : 1);
}
