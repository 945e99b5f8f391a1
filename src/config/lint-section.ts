import * as z from 'zod';

/** The `lint:` section of a configuration file. Rule ids are checked by who knows the rules. */
export interface LintSection {
  readonly rules?: Readonly<Record<string, RuleSetting>>;
  readonly ignore?: readonly string[];
  readonly 'failure-threshold'?: Threshold;
}

export type Threshold = 'info' | 'low' | 'medium' | 'high' | 'none';
export type RuleSetting = 'off' | 'info' | 'low' | 'medium' | 'high';

export const THRESHOLDS: readonly Threshold[] = ['info', 'low', 'medium', 'high', 'none'];
export const RULE_SETTINGS: readonly RuleSetting[] = ['off', 'info', 'low', 'medium', 'high'];

export function lintSectionSchema(): z.ZodType<LintSection> {
  return z
    .strictObject({
      rules: z.record(z.string(), z.enum(RULE_SETTINGS)).describe('Rule ids with `off` or another severity').optional(),
      ignore: z
        .array(z.string().min(1))
        .describe('Paths that are not linted, from the root of the repository, written as in .dockerignore')
        .optional(),
      'failure-threshold': z.enum(THRESHOLDS).describe('The lightest severity that gives exit code 1').optional(),
    })
    .describe('What `slipway lint` looks for');
}

/** What to write at a path of the section where a value is wrong. */
export function expectedInLint(path: readonly PropertyKey[]): string {
  const [key] = path;
  if (key === 'rules') return `rules as \`rule-id: ${RULE_SETTINGS.join('|')}\``;
  if (key === 'ignore') return 'a list of paths, such as `[examples/**]`';
  if (key === 'failure-threshold') return `one of ${THRESHOLDS.map((word) => `\`${word}\``).join(', ')}`;
  return '`rules`, `ignore` and `failure-threshold` below `lint:`';
}
