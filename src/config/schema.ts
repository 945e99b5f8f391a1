import * as z from 'zod';
import { lintSectionSchema } from './lint-section.ts';
import { OPTIONS, type OptionName, type OptionSpec } from './options.ts';

/** Days are not seconds: a value above this is a unit mistake. */
const MOST_SECONDS = 3600;

const MOST_IN_LIST = 8;
const MOST_DAYS = 3650;
const MOST_KEYS = 64;

/** 32 bytes in padded base64, in the one form that they have. */
const PUBLIC_KEY = /^ed25519:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** A key alone, or with a name and the scopes that it may sign for. Both come out as an object. */
function trustedKey(): z.ZodType {
  const key = z.string().regex(PUBLIC_KEY).describe('As `slipway key show` prints it');
  const scopes = z
    .array(z.string().min(1))
    .min(1)
    .describe('Scopes it may sign for, `*` for any text; all if left out');
  const name = z
    .string()
    .regex(/^[\w@. -]{1,64}$/)
    .describe('What messages call it');
  return z.union([
    key.transform((text) => ({ key: text })),
    z.strictObject({ key, name: name.optional(), scopes: scopes.optional() }),
  ]);
}

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
    case 'days':
      return z.number().positive().max(MOST_DAYS).describe(option.help);
    case 'keys':
      return z.array(trustedKey()).max(MOST_KEYS).describe(option.help);
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
    case 'days':
      return `a number of days above 0 and at most ${MOST_DAYS}`;
    case 'keys':
      return 'a list of public keys as `slipway key show` prints them, each with `scopes` where it may not sign for all';
    case 'choice':
      return `one of ${(option.choices ?? []).map((word) => `\`${word}\``).join(', ')}`;
  }
}
