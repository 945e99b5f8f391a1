import { RULE_SETTINGS, type RuleSetting } from '../config/lint-section.ts';
import type { Config } from '../config/load-config.ts';
import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import type { Rule, Severity } from '../lint/types.ts';

export interface RuleChoice {
  readonly enabled: readonly Rule[];
  readonly severities: ReadonlyMap<string, Severity>;
}

/** The rules that run and what they weigh: `--rule` over the configuration file over the rules' own. */
export function chooseRules(rules: readonly Rule[], config: Config, flags: readonly string[]): RuleChoice {
  const settings = new Map<string, RuleSetting>();
  for (const [id, setting] of Object.entries(config.lint.rules ?? {})) {
    const location = `${config.file ?? ''}:${config.lines[`lint.rules.${id}`] ?? 1}`;
    if (!rules.some((rule) => rule.id === id)) throw unknownRule(rules, { id, code: 'CONFIG_INVALID', location });
    settings.set(id, setting);
  }
  for (const flag of flags) {
    const [id, setting] = readFlag(flag);
    if (!rules.some((rule) => rule.id === id)) throw unknownRule(rules, { id, code: 'USAGE' });
    settings.set(id, setting);
  }
  const severities = new Map<string, Severity>();
  for (const [id, setting] of settings) if (setting !== 'off') severities.set(id, setting);
  return { enabled: rules.filter(({ id }) => settings.get(id) !== 'off'), severities };
}

interface UnknownRule {
  readonly id: string;
  readonly code: 'CONFIG_INVALID' | 'USAGE';
  readonly location?: string;
}

export function unknownRule(rules: readonly Rule[], { id, code, location }: UnknownRule): SlipwayError {
  const nearest = nearestWord(
    id,
    rules.map((rule) => rule.id),
  );
  const message = `no rule is called \`${id}\``;
  return new SlipwayError(code, location === undefined ? message : `${location}: ${message}`, {
    hint: nearest === undefined ? 'See `slipway lint --list-rules`.' : `Did you mean \`${nearest}\`?`,
    location,
  });
}

function readFlag(flag: string): readonly [string, RuleSetting] {
  const equals = flag.indexOf('=');
  const setting = RULE_SETTINGS.find((each) => each === flag.slice(equals + 1));
  if (equals > 0 && setting !== undefined) return [flag.slice(0, equals), setting];
  throw new SlipwayError('USAGE', `\`--rule ${flag}\` is no setting of a rule`, {
    hint: `Write \`--rule rule-id=${RULE_SETTINGS.join('|')}\`.`,
  });
}
