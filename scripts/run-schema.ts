import * as z from 'zod';
import type { RunReport } from '../src/cli/run/report.ts';
import { restore, save, tiers } from './report-schema.ts';

const mount = z.strictObject({
  kind: z.enum(['gocache', 'gomodcache']),
  id: z.string().describe('`id=`, else the target as it is written; `host` with `--host`'),
  target: z.string(),
});

/** What `slipway run --report FILE` writes. Only tests and the schema generator load this. */
export const runSchema: z.ZodType<RunReport> = z.strictObject({
  schemaVersion: z.literal(1),
  engine: z.string().optional().describe('What ran BuildKit; absent where no builder was asked'),
  store: z.string(),
  scope: z.string().describe('The scope that was written, or would have been'),
  exitCode: z.int().describe("The command's, and slipway's own"),
  commandSeconds: z.number().min(0),
  totalSeconds: z.number().min(0),
  reason: z.string().optional().describe('Why nothing at all was restored'),
  targets: z.array(
    z.strictObject({
      name: z.string(),
      dockerfile: z.string().optional(),
      reason: z.string().optional().describe('Why nothing was restored for it'),
    }),
  ),
  groups: z
    .array(z.strictObject({ mounts: z.array(mount), restore, save }))
    .describe('Mounts that were restored and saved together'),
  stores: tiers.optional(),
});

/** Published as `docs/formats/run.schema.json`. */
export function runJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(runSchema, { target: 'draft-2020-12' }), title: 'slipway run --report FILE' };
}
