import * as z from 'zod';
import type { LintDocument } from '../src/lint/formats/lint-document.ts';
import { GROUPS, SEVERITIES } from '../src/lint/types.ts';

const place = z.int().min(1);

const edit = z.strictObject({
  file: z.string(),
  line: place.describe('The first line that goes, or the one above which `text` comes when none goes'),
  lineCount: z.int().min(0).describe('How many whole lines go'),
  text: z.string().describe('What comes in their place, with its line ends'),
});

const fix = z
  .strictObject({
    safe: z.boolean().describe('`slipway lint --fix` applies it; others need --unsafe-fixes'),
    title: z.string(),
    edits: z.array(edit).describe('They belong together; made alone, without the fixes of other findings'),
  })
  .nullable();

const finding = z.strictObject({
  ruleId: z.string().describe('A rule of `slipway lint --list-rules`, or `unused-ignore`'),
  group: z.enum(GROUPS).nullable(),
  severity: z.enum(SEVERITIES),
  confidence: z.enum(['high', 'low']),
  file: z.string().describe('From the root of the repository'),
  line: place,
  column: place.describe('In UTF-16 units'),
  endLine: place,
  endColumn: place.describe('Just behind the last character'),
  message: z.string().describe('The mechanism, one sentence'),
  cost: z.string().describe('What it costs'),
  generator: z
    .string()
    .nullable()
    .describe('What makes the file, empty when it does not say; null for files written by hand'),
  fix,
});

/** What `slipway lint --format json` prints. Only tests and the schema generator load this. */
export const lintSchema: z.ZodType<LintDocument> = z.strictObject({
  schemaVersion: z.literal(1),
  findings: z.array(finding).describe('Sorted by file and place'),
  fixed: z.array(z.strictObject({ ruleId: z.string(), file: z.string() })).describe('What --fix mended'),
  fileCount: z.int().min(0).describe('Files that were looked at'),
});

/** Published as `docs/formats/lint.schema.json`. */
export function lintJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(lintSchema, { target: 'draft-2020-12' }), title: 'slipway lint --format json' };
}
