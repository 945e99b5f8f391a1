import { fileTreeOf } from '../../src/core/file-tree.ts';
import { isDockerfileName } from '../../src/lint/dockerfile-names.ts';
import { lint, type LintOutcome, type LintRequest } from '../../src/lint/lint.ts';
import { RULES } from '../../src/lint/rules/index.ts';
import type { Finding } from '../../src/lint/types.ts';

/** All rules over a repository in memory, as `slipway lint` does it; nothing is left out. */
export function lintTexts(
  texts: Readonly<Record<string, string>>,
  fixes: LintRequest['fixes'] = 'none',
  dockerfiles: readonly string[] = Object.keys(texts).filter(isDockerfileName),
): LintOutcome {
  return lint(fileTreeOf(texts), {
    reading: { dockerfiles },
    rules: RULES,
    known: RULES.map(({ id }) => id),
    severities: new Map(),
    subjects: Object.keys(texts).filter((path) => !dockerfiles.includes(path)),
    isWanted: () => true,
    fixes,
  });
}

/** `Dockerfile:7 high forced-rebuild-flag: …` */
export function showFinding(finding: Finding, texts: Readonly<Record<string, string>>): string {
  const { file, range, severity, ruleId, message } = finding;
  const line = (texts[file] ?? '').slice(0, range.start).split('\n').length;
  return `${file}:${line} ${severity} ${ruleId}: ${message}`;
}
