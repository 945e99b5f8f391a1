import * as z from 'zod';

const count = z.int().min(0);
const text = z.string();
const snapshotName = z.string().describe('`scope@sequence-nonce`');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const failed = z.strictObject({ store: text, problem: text.describe('Why the verb could not be done on this store') });

const ls = z.strictObject({
  store: text,
  snapshots: z.array(
    z.strictObject({
      scope: text,
      snapshot: text.describe('`sequence-nonce`'),
      createdAtMs: count.nullable().describe("By the writer's clock; null when it can't be read"),
      bytes: count,
      packs: count,
      entries: count,
      isMerged: z.boolean().describe('A newer one holds its entries'),
      isPinned: z.boolean(),
      trust: z.strictObject({ isSigned: z.boolean(), text }).optional().describe('There when keys are configured'),
      facts: z.record(text, text).describe('Who wrote it, where, for what: as its writer says'),
      problem: text.optional().describe("Why it can't be read"),
    }),
  ),
  orphanedPins: z.array(text).describe('Pins of snapshots that are gone'),
});

const du = z.strictObject({
  store: text,
  scopes: z.array(
    z.strictObject({
      scope: text,
      snapshots: count,
      bytes: count.describe('Blobs that several snapshots name are counted once'),
      ownBytes: count.describe('Of blobs that no other scope names'),
      kinds: z.strictObject({ gocache: count, gomodcache: count, documents: count }),
      restoreBytes: count.describe('The packs that a restore moves'),
      wasteBytes: count.describe('Of those: entries not used for long, or there twice'),
      growth: z.strictObject({ day: count, week: count, month: count }),
    }),
  ),
  bytes: count,
  unreferencedBytes: count.optional().describe('Named by nothing; absent where blobs cannot be listed'),
});

const check = z.strictObject({
  store: text,
  snapshots: count,
  packs: count,
  bytes: count,
  faults: z.array(
    z.strictObject({
      subject: text.describe('`scope@sequence-nonce`, or the digest of a pack'),
      problem: text,
      kind: z.enum(['snapshot', 'pack', 'newer-format']),
      isMerged: z.boolean().optional().describe('Only merged snapshots name it: no finding'),
      corrupt: digest.optional().describe("The blob whose bytes aren't what its name says"),
    }),
  ),
  repair: z
    .strictObject({
      isDryRun: z.boolean(),
      scopes: z.array(z.strictObject({ scope: text, drop: z.array(digest), keepsPacks: count })),
      blobs: z.array(digest),
      snapshots: z.array(snapshotName),
      left: z.array(z.strictObject({ subject: text, reason: text })),
      written: z.array(snapshotName),
      refused: z.array(text),
    })
    .optional()
    .describe('With --repair'),
});

const gc = z.strictObject({
  store: text,
  isDryRun: z.boolean(),
  snapshots: z.array(z.strictObject({ snapshot: snapshotName, reason: z.enum(['merged', 'expired']) })),
  trims: z.array(z.strictObject({ scope: text, drop: z.array(digest), bytes: count, bytesAfter: count })),
  overCap: z.array(z.strictObject({ scope: text, bytes: count })),
  blobs: z
    .array(z.strictObject({ digest, sizeBytes: count, writtenAtMs: z.number() }))
    .nullable()
    .describe('null where the store lists no blobs'),
  sparedBlobs: count.describe('Of expired snapshots: they go a grace time later'),
  youngBytes: count.describe('Named by nothing, but younger than the grace time'),
  pinned: count,
  done: z
    .strictObject({
      snapshots: count,
      blobs: count,
      staleUploads: count,
      left: count.describe('Planned, but needed again meanwhile'),
      written: z.array(snapshotName),
    })
    .optional()
    .describe('Absent in a dry run'),
});

const exported = z.strictObject({
  store: text,
  to: text,
  isDryRun: z.boolean(),
  snapshots: z.array(snapshotName),
  blobs: count,
  bytes: count,
});

const pinned = z.strictObject({
  store: text,
  snapshot: snapshotName,
  outcome: z.enum(['pinned', 'was-pinned', 'unpinned', 'was-not-pinned']),
});

function documentOf(verb: string, one: z.ZodType): z.ZodType {
  return z.strictObject({
    schemaVersion: z.literal(1),
    verb: z.literal(verb),
    stores: z.array(z.union([one, failed])),
  });
}

/** What `slipway cache VERB --format json` prints. Only tests and the schema generator load this. */
export const cacheSchema: z.ZodType = z.union([
  documentOf('ls', ls),
  documentOf('du', du),
  documentOf('check', check),
  documentOf('gc', gc),
  documentOf('export', exported),
  documentOf('pin', pinned),
  documentOf('unpin', pinned),
]);

/** Published as `docs/formats/cache.schema.json`. */
export function cacheJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(cacheSchema, { target: 'draft-2020-12' }),
    title: 'slipway cache VERB --format json',
  };
}
