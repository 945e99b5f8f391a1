import * as z from 'zod';
import { CHECKS } from '../src/doctor/checks.ts';
import type { DoctorDocument } from '../src/doctor/report.ts';

const count = z.int().min(0);

const finding = z.strictObject({
  check: z.string().describe(`One of ${CHECKS.map(({ id }) => id).join(', ')}`),
  level: z
    .enum(['ok', 'info', 'warning', 'error'])
    .describe('`info`: good to know, or not looked at; `warning`: costs warmth or soon will; `error`: does not work'),
  says: z.string(),
  mend: z.string().optional().describe('A command line that mends it, or shows what is wrong'),
});

/** What `slipway doctor --format json` prints. Only tests and the schema generator load this. */
export const doctorSchema: z.ZodType<DoctorDocument> = z.strictObject({
  schemaVersion: z.literal(1),
  findings: z.array(finding).describe('In the order of the checks; a check may have several'),
  counts: z.strictObject({ ok: count, info: count, warning: count, error: count }),
});

/** Published as `docs/formats/doctor.schema.json`. */
export function doctorJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(doctorSchema, { target: 'draft-2020-12' }), title: 'slipway doctor --format json' };
}
