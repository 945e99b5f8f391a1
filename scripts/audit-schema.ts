import * as z from 'zod';
import type { AuditReport } from '../src/warm/audit/types.ts';

const count = z.int().min(0);
const text = z.string();
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const isReproducible = z.boolean().describe('Two cold builds agree here, so that the difference comes from the cache');

/** What `slipway audit --format json` prints. Only tests and the schema generator load this. */
export const auditSchema: z.ZodType<AuditReport> = z.strictObject({
  schemaVersion: z.literal(1),
  engine: text,
  store: text,
  scopes: z.array(text).describe('Those that were read, in order'),
  verdict: z.enum(['alike', 'differs', 'irreproducible']).describe('Exit codes 0, 1 and 3'),
  restored: z.strictObject({
    snapshots: z.array(text).describe('`scope@sequence-nonce`'),
    packs: count,
    bytes: count.describe('Of the packs as they are stored'),
    entries: count,
    actions: count.describe("Entries that say what an action of Go's gave"),
    packages: count.describe('Compiled packages'),
    used: count.describe('Restored actions that the warm build took instead of doing them'),
  }),
  compared: z.strictObject({
    files: count.describe("Files, directories and links of the cold build's result"),
    actions: count.describe('Restored actions that the cold build did too'),
    verified: count.describe('Restored actions that Go did again and compared'),
  }),
  builds: z.array(
    z.strictObject({
      name: z.enum(['warm', 'cold', 'verify', 'cold-again']),
      exitCode: z.int().describe('Of `verify` not 0 where Go found a difference'),
      seconds: z.number(),
    }),
  ),
  differences: z
    .array(
      z.strictObject({
        path: text.describe('From the root of the result, without a slash before it'),
        change: z.enum(['content', 'mode', 'type', 'only-warm', 'only-cold']),
        warm: text.optional().describe('A digest, the target of a link, a mode, a type'),
        cold: text.optional(),
        isReproducible,
      }),
    )
    .describe('Warm against cold'),
  actions: z
    .array(
      z.strictObject({
        action: hex,
        package: text.optional().describe('Where Go named it'),
        cached: hex.optional().describe('SHA-256 of the output in the cache'),
        rebuilt: hex.optional(),
        isReproducible,
      }),
    )
    .describe("Of Go's own check, and then all others that the cold build did with another output"),
  warnings: z.array(text).describe('Of the restore: what was left out of it'),
  seconds: z.number(),
});

/** Published as `docs/formats/audit.schema.json`. */
export function auditJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(auditSchema, { target: 'draft-2020-12' }), title: 'slipway audit --format json' };
}
