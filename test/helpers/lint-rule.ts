import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../src/core/file-tree.ts';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { check } from '../../src/lint/check.ts';
import { isDockerfileName } from '../../src/lint/dockerfile-names.ts';
import { readRepositoryFacts } from '../../src/lint/facts/read-repository.ts';
import { fixRepository } from '../../src/lint/fix/fix-repository.ts';
import type { Confidence, Finding, Rule, Severity } from '../../src/lint/types.ts';

export interface ExpectedFinding {
  /** Default: `Dockerfile`. */
  readonly file?: string;
  /** From 1. */
  readonly line: number;
  /** The text that is underlined. */
  readonly at?: string;
  /** Default: the rule's own. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  /** Part of the message. */
  readonly message?: string | RegExp;
  /** Default: not looked at. */
  readonly fix?: 'safe' | 'unsafe' | 'none';
}

export interface RuleCase {
  readonly name: string;
  /** Texts by path; a string alone is the Dockerfile. Indentation common to all lines is taken off. */
  readonly files: string | Readonly<Record<string, string>>;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** `[]`: nothing is wrong. */
  readonly findings: readonly ExpectedFinding[];
  /** The text (or texts by path) after all safe fixes, and with `unsafe` also the others. */
  readonly fixed?: string | Readonly<Record<string, string>>;
  readonly unsafe?: boolean;
}

/** A rule's tests as a table. Each case also proves that ranges lie in their files and that what was fixed is clean. */
export function describeRule(rule: Rule, cases: readonly RuleCase[]): void {
  describe(rule.id, () => {
    it('has a case that it finds and one that it leaves alone', () => {
      expect(cases.some(({ findings }) => findings.length > 0)).toBe(true);
      expect(cases.some(({ findings }) => findings.length === 0)).toBe(true);
    });

    it.each(cases)('$name', (each) => {
      runCase(rule, each);
    });
  });
}

function runCase(rule: Rule, each: RuleCase): void {
  const texts = textsOf(each.files);
  const dockerfiles = Object.keys(texts).filter(isDockerfileName);
  for (const path of dockerfiles) expect(parseDockerfile(texts[path] ?? '').problems, path).toEqual([]);
  const reading = {
    dockerfiles,
    buildArgs: new Map(Object.entries(each.buildArgs ?? {})),
    ...(each.target === undefined ? {} : { target: each.target }),
  };
  const tree = fileTreeOf(texts);
  const facts = readRepositoryFacts(tree, reading);
  expect(facts.faults).toEqual([]);
  const findings = check(facts, [rule]);
  expect(findings.map((finding) => shown(finding, texts))).toEqual(
    each.findings.map((wanted, index) => expected(rule, wanted, findings[index], texts)),
  );
  for (const { file, range, message, cost } of findings) {
    expect(range.start).toBeLessThanOrEqual(range.end);
    expect(range.end).toBeLessThanOrEqual(texts[file]?.length ?? -1);
    expect(message).toMatch(/^\S[^\n]*[^.\s]$/);
    expect(cost).not.toBe('');
  }
  const outcome = fixRepository(tree, { rules: [rule], reading, withUnsafe: each.unsafe === true });
  expect(outcome.refused.map(({ message }) => message)).toEqual([]);
  if (each.fixed === undefined) return;
  const wanted = textsOf(each.fixed);
  for (const [path, text] of Object.entries(wanted)) expect(outcome.texts.get(path) ?? texts[path], path).toBe(text);
  for (const path of outcome.texts.keys()) expect(Object.keys(wanted)).toContain(path);
}

function shown(finding: Finding, texts: Readonly<Record<string, string>>): object {
  const { file, range, severity, confidence, message, fix } = finding;
  const text = texts[file] ?? '';
  return {
    file,
    line: text.slice(0, range.start).split('\n').length,
    at: text.slice(range.start, range.end),
    severity,
    confidence,
    message,
    fix: fix === undefined ? 'none' : fix.isSafe ? 'safe' : 'unsafe',
  };
}

/** What isn't said is as found. */
function expected(
  rule: Rule,
  wanted: ExpectedFinding,
  found: Finding | undefined,
  texts: Readonly<Record<string, string>>,
): object {
  const seen = found === undefined ? {} : shown(found, texts);
  const { message, ...rest } = wanted;
  return {
    ...seen,
    file: 'Dockerfile',
    severity: rule.severity,
    confidence: 'high',
    ...rest,
    ...(message === undefined
      ? {}
      : { message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message) }),
  };
}

function textsOf(files: string | Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const texts = typeof files === 'string' ? { Dockerfile: files } : files;
  return Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, dedent(text)]));
}

/** Takes off the first line break, the indentation that all lines share, and the blank that closes a template. */
export function dedent(text: string): string {
  if (!text.startsWith('\n')) return text;
  const lines = text
    .slice(1)
    .replace(/\n[ ]*$/, '\n')
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const shared = Math.min(...indents);
  return lines.map((line) => line.slice(shared)).join('\n');
}
