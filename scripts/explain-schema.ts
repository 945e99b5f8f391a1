import * as z from 'zod';
import type { ExplainDocument, StepDocument } from '../src/explain/document.ts';
import type { ExplainedPackage } from '../src/explain/explain-packages.ts';

const cause = z.strictObject({
  kind: z
    .enum([
      'file',
      'argument',
      'variable',
      'image',
      'instruction',
      'remote',
      'output',
      'step',
      'new',
      'gone',
      'unknown',
    ])
    .describe(
      '`output`: what a stage makes this time; `step`: a step that this one stands on; `gone`: nothing changed, the builder had no result',
    ),
  subject: z.string().describe('A path in the context, the name of an argument or variable, a part of the instruction'),
  detail: z.string(),
  step: z.string().optional().describe('Of a step: its id'),
});

export const stepSchema: z.ZodType<StepDocument> = z.strictObject({
  id: z.string().describe('`<stage index>.<number>`'),
  stage: z.string().describe("As BuildKit shows it; empty for a file's only stage"),
  number: z.int().min(1).describe("BuildKit's `[build 2/5]`"),
  total: z.int().min(1),
  line: z.int().min(1),
  keyword: z.string(),
  text: z.string(),
  state: z.enum(['cached', 're-run', 'failed', 'not-run']).describe('The last two only of a build that is over'),
  seconds: z.number().min(0).optional().describe('Of a step that ran'),
  startedAfter: z.number().min(0).optional().describe('Of a step that ran: seconds after the first one began'),
  after: z
    .array(z.string())
    .describe(
      'Ids of the steps whose results it is made from: the one above, and the last of each stage it takes from',
    ),
  isConditional: z.boolean().describe('Up to what is only seen in the build'),
  causes: z.array(cause).describe('At most 50; the first is the one to tell'),
  mounts: z.array(z.strictObject({ target: z.string(), kind: z.enum(['gocache', 'gomodcache', 'other']) })),
});

export const compiledKind: z.ZodType<ExplainedPackage['kind']> = z
  .enum(['go', 'settings', 'flags', 'import', 'sources', 'new'])
  .describe(
    '`import`: one that it imports was compiled too; `sources`: none of the others, so its files, tags or environment',
  );

export const countsSchema: z.ZodType<ExplainDocument['counts']> = z.strictObject({
  cached: z.int().min(0),
  rerun: z.int().min(0),
  conditional: z.int().min(0),
});

const compiledPackage = z.strictObject({
  path: z.string().describe('Import path; `main` for a command'),
  platform: z.string(),
  kind: compiledKind,
  detail: z.string(),
});

/** What `slipway explain --format json` prints. Only tests and the schema generator load this. */
export const explainSchema: z.ZodType<ExplainDocument> = z.strictObject({
  schemaVersion: z.literal(1),
  tells: z.enum(['prediction', 'build']).describe('A build to come, or one that is over'),
  steps: z.array(stepSchema).describe("In the order of the file, the stages that the target doesn't need left out"),
  counts: countsSchema,
  packages: z
    .array(compiledPackage)
    .optional()
    .describe('Of a build whose new cache entries were seen: what it compiled'),
  ignored: z.array(z.string()).describe('Changed files that no build sees'),
});

/** Published as `docs/formats/explain.schema.json`. */
export function explainJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(explainSchema, { target: 'draft-2020-12' }), title: 'slipway explain --format json' };
}
