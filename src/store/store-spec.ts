import { formatCsvFields } from './csv-fields.ts';
import { formatCommon, invalid, readFields, type SpecKind } from './spec/fields.ts';
import { GCS, type GcsStoreSpec } from './spec/gcs.ts';
import { GHA, type GhaStoreSpec } from './spec/gha.ts';
import { LOCAL, type LocalStoreSpec } from './spec/local.ts';
import { REGISTRY, type RegistryStoreSpec } from './spec/registry.ts';
import { S3, type S3StoreSpec } from './spec/s3.ts';
import { readShorthand } from './spec/shorthand.ts';

/** A store as the user named it, in BuildKit's words. */
export type StoreSpec = LocalStoreSpec | RegistryStoreSpec | S3StoreSpec | GcsStoreSpec | GhaStoreSpec;

/** Every kind of store, by its `type=`. A new kind needs a line here and one in `open-store.ts`. */
const KINDS: { readonly [type in StoreSpec['type']]: SpecKind<Extract<StoreSpec, { type: type }>> } = {
  local: LOCAL,
  registry: REGISTRY,
  s3: S3,
  gcs: GCS,
  gha: GHA,
};

const EXAMPLES = `Write ${Object.values(KINDS)
  .map(({ example }) => `\`${example}\``)
  .join(' or ')}.`;

/**
 * Reads `type=…,key=value,…` with BuildKit's CSV rules and spelling of keys, lower or upper case, and the short forms
 * `s3://bucket/prefix?key=value`, `gs://bucket/prefix`, `oci://host/repository`, `file:dir`, `/dir` and `./dir`.
 * https://github.com/moby/buildkit/blob/v0.33.1/cmd/buildctl/build/exportcache.go#L12-L44
 */
export function parseStoreSpec(text: string): StoreSpec {
  const spec = readShorthand(text) ?? readFields(text);
  const type = spec.fields.get('type');
  if (type === undefined) throw invalid(spec.text, 'has no `type=`', EXAMPLES);
  if (!isKind(type)) {
    throw invalid(
      spec.text,
      `names the type \`${type}\`, which is not one of ${Object.keys(KINDS).join(', ')}`,
      EXAMPLES,
    );
  }
  return KINDS[type].parse(spec);
}

/** The spelling that reads back as the same spec. There is no place in it for credentials. */
export function formatStoreSpec(spec: StoreSpec): string {
  const kind = KINDS[spec.type] as SpecKind<StoreSpec>;
  return formatCsvFields([`type=${spec.type}`, ...kind.format(spec), ...formatCommon(spec)]);
}

function isKind(type: string): type is StoreSpec['type'] {
  return Object.hasOwn(KINDS, type);
}
