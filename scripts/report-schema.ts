import * as z from 'zod';
import type { TierReport } from '../src/store/tiers/tier.ts';
import type { BuildReport, PrefetchReport, RestoreDecision, RestoreReport, SaveReport } from '../src/warm/types.ts';

const count = z.int().min(0);
const seconds = z.number().min(0);
const phases = z.record(z.string(), seconds).describe('Seconds by part');
const warnings = z.array(z.string()).describe('Faults that were lived with, each said on standard error too');

const bytesByKind = z
  .strictObject({ gocache: count.optional(), gomodcache: count.optional() })
  .optional()
  .describe('What of it were packs, by the kind of their mount');

const storedAmount = z
  .strictObject({
    bytes: count.describe("Gzip'd"),
    entries: count,
    entriesIdle: count.describe('Those that this build did not use'),
  })
  .optional();

const decision = z
  .strictObject({
    share: z.enum(['all', 'modules', 'none']),
    by: z.enum(['default', 'trust', 'guard', 'disk']),
    reason: z.string().optional().describe('Where less than everything was to come'),
    expectedSeconds: seconds.optional().describe('What earlier builds make the restore expect to take'),
    expectedSavingSeconds: seconds.optional().describe('… and to save'),
  })
  .describe('How much of what is stored was to be restored, and why') satisfies z.ZodType<RestoreDecision>;

export const restore: z.ZodType<RestoreReport> = z.strictObject({
  state: z.enum(['restored', 'already-warm', 'nothing-stored', 'no-mounts', 'skipped', 'stopped', 'failed']),
  decision: decision.optional(),
  onRecord: z
    .strictObject({ coldSeconds: seconds, warmSeconds: seconds })
    .optional()
    .describe('Seconds of earlier builds of the scope that found nothing, and what this one does'),
  reason: z.string().optional().describe('Why it was skipped, stopped or failed'),
  hint: z.string().optional(),
  snapshots: z.array(z.string()).describe('Snapshots that were united, `scope@sequence-nonce`'),
  packsMoved: count,
  bytesMoved: count.describe('From the store to this machine'),
  bytesByKind,
  bytesByBuilder: count
    .optional()
    .describe('What of it the builder fetched by itself, past this machine; absent: nothing'),
  entriesRestored: count,
  seconds,
  phases,
  warnings,
});

export const save: z.ZodType<SaveReport> = z.strictObject({
  state: z.enum(['saved', 'nothing-new', 'no-mounts', 'skipped', 'failed']),
  reason: z.string().optional().describe('Why it was skipped or failed'),
  hint: z.string().optional(),
  snapshot: z.string().optional().describe('The snapshot that was written, `scope@sequence-nonce`'),
  signedBy: z.array(z.string()).optional().describe('IDs of the keys that signed it'),
  packsMoved: count,
  bytesMoved: count.describe('From this machine to the store, all request bodies together'),
  bytesByKind,
  stored: z
    .strictObject({ gocache: storedAmount, gomodcache: storedAmount })
    .optional()
    .describe('What the store holds for this scope afterwards'),
  entriesNew: count,
  entriesUsed: count,
  entriesRejected: count.describe('Entries that failed verification and were left out'),
  isCompacted: z.boolean(),
  seconds: seconds.describe('From the end of the build on'),
  besideSeconds: seconds
    .optional()
    .describe('Of the part that ran beside the end of the build, until then; there when one did'),
  phases,
  warnings,
});

const prefetch = z.strictObject({
  state: z.enum(['prefetched', 'nothing-stored', 'skipped', 'failed']),
  reason: z.string().optional().describe('Why it was skipped or failed'),
  hint: z.string().optional(),
  packsMoved: count,
  bytesMoved: count.describe('Of packs, from the store to this machine'),
  seconds,
  warnings,
}) satisfies z.ZodType<PrefetchReport>;

const head = {
  schemaVersion: z.literal(1),
  store: z.string(),
  scope: z.string().describe('The scope that was written, or would have been'),
};

const builderHead = { ...head, engine: z.string().describe('What ran BuildKit') };

const traffic = z.strictObject({ snapshots: count, blobs: count, bytes: count });

export const tiers: z.ZodType<readonly TierReport[]> = z
  .array(
    z.strictObject({
      store: z.string(),
      isReadOnly: z.boolean(),
      down: traffic.describe('Read from it, entry lists and documents included'),
      up: traffic.describe('Saved to it'),
      filled: traffic.describe('Brought there from this machine or another store'),
      faults: z.array(z.string()).describe('Why it was not read or not written'),
    }),
  )
  .describe('There when several stores are in use, the nearest first');

const stores = tiers.optional();

const build = z.strictObject({
  ...builderHead,
  buildExitCode: z.int().describe("BuildKit's exit code"),
  buildSeconds: seconds.describe("Of the user's build alone"),
  totalSeconds: seconds,
  savedSeconds: z.number().optional().describe('The recorded cold build minus this one; negative when it was slower'),
  restore,
  save,
  stores,
}) satisfies z.ZodType<BuildReport>;

type Head = Pick<BuildReport, 'schemaVersion' | 'engine' | 'store' | 'scope' | 'stores'>;

export type Report =
  | BuildReport
  | (Head & { readonly restore: RestoreReport })
  | (Head & { readonly save: SaveReport })
  | (Omit<Head, 'engine'> & { readonly prefetch: PrefetchReport });

/** What `--format json` prints after a build, a restore, a save or a prefetch. Only tests and the schema generator load this. */
export const reportSchema: z.ZodType<Report> = z.union([
  build,
  z.strictObject({ ...builderHead, restore, stores }),
  z.strictObject({ ...builderHead, save, stores }),
  z.strictObject({ ...head, prefetch, stores }),
]);

/** Published as `docs/formats/report.schema.json`. */
export function reportJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(reportSchema, { target: 'draft-2020-12' }),
    title: 'slipway report: build, restore, save and prefetch with --format json',
  };
}
