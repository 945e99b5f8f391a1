import * as z from 'zod';
import { lintSectionSchema } from './lint-section.ts';
import { OPTIONS, type OptionName, type OptionSpec } from './options.ts';

/** Days are not seconds: a value above this is a unit mistake. */
const MOST_SECONDS = 3600;

const MOST_IN_LIST = 8;

/** The schema of one option's value, made from the option table. */
export function optionSchema(option: OptionSpec): z.ZodType {
  const text = z.string().min(1).max(2048);
  switch (option.kind) {
    case 'text':
      return text.describe(option.help);
    case 'list':
      return z
        .union([text, z.array(text).min(1).max(MOST_IN_LIST)])
        .transform((value) => (typeof value === 'string' ? [value] : value))
        .describe(option.help);
    case 'switch':
      return z.boolean().describe(option.help);
    case 'seconds':
      return z.number().positive().max(MOST_SECONDS).describe(option.help);
    case 'choice':
      return z.enum(option.choices as [string, ...string[]]).describe(option.help);
  }
}

/** What a configuration file may hold. `$schema` is for editors. */
export function configFileSchema(): z.ZodObject {
  const shape: Record<string, z.ZodType> = { $schema: z.string().optional() };
  for (const option of OPTIONS) shape[option.name] = optionSchema(option).optional();
  shape['lint'] = lintSectionSchema().optional();
  return z.strictObject(shape);
}

/** The JSON Schema that editors use, published as `docs/formats/config.schema.json`. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(configFileSchema(), { target: 'draft-2020-12', io: 'input' }),
    title: 'slipway configuration (.slipway.yaml, .slipway.yml, .slipway.json)',
  };
}

/** What to write where a value is wrong, in words. */
export function expectedValue(name: OptionName): string {
  const option = OPTIONS.find((one) => one.name === name) as OptionSpec;
  switch (option.kind) {
    case 'text':
      return 'a text';
    case 'list':
      return `a text such as \`type=local,dest=/var/cache/slipway\`, or a list of at most ${MOST_IN_LIST}`;
    case 'switch':
      return '`true` or `false`';
    case 'seconds':
      return `a number of seconds above 0 and at most ${MOST_SECONDS}`;
    case 'choice':
      return `one of ${(option.choices ?? []).map((word) => `\`${word}\``).join(', ')}`;
  }
}
