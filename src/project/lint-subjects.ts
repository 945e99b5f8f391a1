import type { Config } from '../config/load-config.ts';
import { SlipwayError } from '../core/errors.ts';
import type { DefinitionProblem } from '../definitions/types.ts';
import type { LintOutcome, LintRequest } from '../lint/lint.ts';
import type { LintReport } from '../lint/report.ts';
import { chooseRules } from './choose-rules.ts';
import type { GatheredSubjects } from './gather-subjects.ts';

export interface LintCall {
  readonly config: Config;
  /** `rule-id=off`, `rule-id=high`: before what the configuration sets. */
  readonly rules: readonly string[];
  readonly target: string | undefined;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly fixes: LintRequest['fixes'];
}

export interface LintedSubjects extends LintOutcome, Pick<LintReport, 'rules' | 'fileCount' | 'unreadCount'> {
  readonly dockerfiles: readonly string[];
  /** Definitions that only lie in a directory that was asked for, and can't be read: they were not looked at. */
  readonly passedOver: readonly DefinitionProblem[];
}

/** Lints what was gathered by the rules that the configuration leaves. Nothing is written. */
export async function lintSubjects(subjects: GatheredSubjects, call: LintCall): Promise<LintedSubjects> {
  const [{ RULES }, { lint }] = await Promise.all([import('../lint/rules/index.ts'), import('../lint/lint.ts')]);
  const { enabled, severities } = chooseRules(RULES, call.config, call.rules);
  const { tree, dockerfiles, others, isNamed, isWanted, faults } = subjects;
  const outcome = lint(tree, {
    reading: { dockerfiles, buildArgs: call.buildArgs, ...(call.target ? { target: call.target } : {}) },
    rules: enabled,
    known: RULES.map(({ id }) => id),
    severities,
    subjects: others,
    isWanted,
    fixes: faults.length > 0 ? 'none' : call.fixes,
  });
  const unread = outcome.definitionProblems.filter(({ file }) => [...dockerfiles, ...others].includes(file));
  const isAsked = ({ file }: DefinitionProblem): boolean => isNamed(file) && others.includes(file);
  const allFaults = [...faults, ...outcome.faults, ...unread.filter(isAsked).map(toFault)];
  return {
    ...outcome,
    faults: allFaults,
    rules: RULES,
    dockerfiles,
    fileCount: dockerfiles.length + others.length,
    unreadCount: allFaults.length,
    passedOver: unread.filter((each) => !isAsked(each)),
  };
}

function toFault({ file, line, message }: DefinitionProblem): SlipwayError {
  const location = `${file}:${line}`;
  return new SlipwayError('INPUT_INVALID', `${location}: ${message}`, { hint: 'Correct the file.', location });
}
