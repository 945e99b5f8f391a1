import * as z from 'zod';
import type { ReportData } from '../src/report/data.ts';
import { compiledKind, countsSchema, stepSchema } from './explain-schema.ts';

const seconds = z.number().min(0);
const count = z.int().min(0);
const time = z.string().describe('ISO 8601, UTC');
const part = z.strictObject({ state: z.string(), reason: z.string().optional(), seconds });

const run = z.strictObject({
  finishedAt: time,
  exitCode: z.int().describe("BuildKit's"),
  engine: z.string(),
  store: z.string(),
  scope: z.string(),
  totalSeconds: seconds,
  buildSeconds: seconds,
  savedSeconds: z.number().optional().describe('The cold build on record minus this one; negative when it was slower'),
  restore: part,
  save: part,
  spans: z
    .array(z.strictObject({ name: z.enum(['plan', 'restore', 'pull', 'build', 'save']), from: seconds, to: seconds }))
    .describe('Seconds from the start of the run'),
  transfers: z.array(
    z.strictObject({
      direction: z.enum(['down', 'up']),
      what: z
        .enum(['gocache', 'gomodcache', 'documents', 'packs'])
        .describe(
          '`documents`: entry lists and the snapshot; `packs`: of an older slipway, which did not tell kinds apart',
        ),
      bytes: count,
    }),
  ),
  entries: z.strictObject({
    restored: count,
    used: count.describe('Of what was there before the build'),
    new: count,
    rejected: count.describe('Damaged, and not saved'),
    stored: z
      .array(
        z.strictObject({
          kind: z.enum(['gocache', 'gomodcache']),
          bytes: count,
          entries: count,
          idle: count.describe('That this build did not use'),
        }),
      )
      .optional()
      .describe('In the store afterwards; absent when nothing was saved'),
  }),
  warnings: z.array(z.string()),
});

const pastRun = z.strictObject({
  finishedAt: time,
  isFailed: z.boolean(),
  totalSeconds: seconds,
  restoreSeconds: seconds,
  buildSeconds: seconds,
  saveSeconds: seconds,
  bytesDown: count,
  bytesUp: count,
  bytesStored: count.optional(),
  entriesNew: count,
});

const finding = z.strictObject({
  ruleId: z.string(),
  severity: z.enum(['info', 'low', 'medium', 'high']),
  confidence: z.enum(['high', 'low']),
  file: z.string(),
  line: z.int().min(1),
  message: z.string(),
  cost: z.string(),
  fix: z
    .strictObject({
      title: z.string(),
      isSafe: z.boolean().describe('`slipway lint --fix` makes it; else `--unsafe-fixes` is needed too'),
      edits: z.array(
        z.strictObject({
          file: z.string(),
          line: z.int().min(1),
          removed: z.array(z.string()),
          inserted: z.array(z.string()),
        }),
      ),
    })
    .optional(),
});

const bench = z.strictObject({
  program: z.string(),
  machine: z.string(),
  finishedAt: time,
  isPartial: z.boolean(),
  isQuick: z.boolean(),
  interval: z.string().describe('What `low` and `high` are'),
  charts: z.array(
    z.strictObject({
      title: z.string(),
      rows: z.array(
        z.strictObject({
          label: z.string(),
          median: seconds,
          low: seconds,
          high: seconds,
          samples: count,
          isCensored: z.boolean().describe('A time limit ended a run: it would have taken longer'),
        }),
      ),
    }),
  ),
  left: z.array(z.string()).describe('What was not measured, and why'),
});

/** What `slipway report --format json` prints. Only tests and the schema generator load this. */
export const reportPageSchema: z.ZodType<ReportData> = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('slipway-report'),
  madeAt: time,
  slipwayVersion: z.string(),
  subject: z.strictObject({ name: z.string(), dockerfile: z.string(), target: z.string().optional() }),
  run: run.optional().describe('Absent where only a log of the build is known'),
  steps: z.array(stepSchema),
  counts: countsSchema,
  criticalPath: z
    .strictObject({ steps: z.array(z.string()).describe('Ids'), seconds })
    .describe('The chain of steps, each made from the one before, that took longest together'),
  packages: z
    .strictObject({
      count,
      groups: z
        .array(z.strictObject({ cause: z.string(), kind: compiledKind, packages: z.array(z.string()) }))
        .describe('Those first that made most others follow'),
    })
    .optional()
    .describe('Absent where nobody looked at what was compiled'),
  history: z.array(pastRun).describe('The last build last'),
  findings: z.array(finding).describe('The best one to mend first'),
  bench: bench.optional(),
});

/** Published as `docs/formats/report-page.schema.json`. */
export function reportPageJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(reportPageSchema, { target: 'draft-2020-12' }), title: 'slipway report --format json' };
}
