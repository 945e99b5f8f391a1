import type { DecodedManifest } from '../pack/manifest.ts';
import type { Snapshot } from '../pack/types.ts';

/** What kind of document is signed: the first field, so that no signature of another kind can be used here. */
const DOCUMENT_TYPE = 'slipway snapshot';
const STATEMENT_VERSION = '1';

/** The facts that a statement holds by name, in its order. */
export const SIGNED_FACTS = ['ref', 'event', 'workflow', 'builder', 'goVersion', 'platform', 'writer'] as const;

/**
 * The bytes that are signed: see `docs/formats/snapshot.md`. Signer and reader each make them from what they hold, so
 * nothing that a reader acts on can differ from what was signed.
 */
export function encodeStatement(manifest: DecodedManifest, snapshot: Snapshot): Uint8Array {
  const { facts, merged } = snapshot;
  return encodeFields([
    DOCUMENT_TYPE,
    STATEMENT_VERSION,
    factOf(facts, 'repository'),
    snapshot.scope,
    String(snapshot.sequence),
    snapshot.nonce,
    String(snapshot.createdAtMs),
    ...SIGNED_FACTS.map((name) => factOf(facts, name)),
    manifest.config.digest,
    String(manifest.config.sizeBytes),
    String(merged.length),
    ...merged,
    String(manifest.layers.length),
    ...manifest.layers.flatMap((layer) => [layer.digest, String(layer.sizeBytes)]),
  ]);
}

/** Facts have at least one character, so '' stands for one that isn't there and for nothing else. */
export function factOf(facts: Snapshot['facts'], name: string): string {
  return Object.hasOwn(facts, name) ? (facts[name] ?? '') : '';
}

/** Each field behind its length (4 bytes, big-endian): moving a byte from one field to the next changes the whole. */
export function encodeFields(fields: readonly string[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
