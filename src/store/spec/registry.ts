import { parseReference } from '../../oci/reference.ts';
import {
  checkKeys,
  type CommonSpec,
  invalid,
  parseBoolean,
  readCommon,
  type SpecFields,
  type SpecKind,
} from './fields.ts';

export interface RegistryStoreSpec extends CommonSpec {
  readonly type: 'registry';
  /** As in image names: `docker.io`, `localhost:5000`. */
  readonly host: string;
  readonly repository: string;
  /** Plain http; undefined means for loopback names only. */
  readonly isInsecure?: boolean;
}

const INSECURE_KEYS = ['insecure', 'registry.insecure', 'http'];
const WRITE = 'Write `type=registry,ref=HOST/REPOSITORY`; each scope becomes a tag of it.';

export const REGISTRY: SpecKind<RegistryStoreSpec> = {
  example: 'type=registry,ref=HOST/REPOSITORY',
  parse(spec) {
    checkKeys(spec, ['ref', ...INSECURE_KEYS]);
    const { text } = spec;
    const ref = spec.fields.get('ref') ?? '';
    if (ref === '') throw invalid(text, 'does not say which repository', WRITE);
    const parsed = parseReference(ref);
    if (!parsed.ok) throw invalid(text, `has a ref that is no name: ${parsed.problem}`, WRITE);
    const { host, repository, tag, digest } = parsed.reference;
    if (digest !== undefined) throw invalid(text, 'names a digest', WRITE);
    if (tag !== undefined)
      throw invalid(text, `names the tag \`${tag}\``, `${WRITE} For one name of your own use \`--scope ${tag}\`.`);
    const isInsecure = readInsecure(spec);
    return {
      type: 'registry',
      host,
      repository,
      ...(isInsecure !== undefined && { isInsecure }),
      ...readCommon(spec),
    };
  },
  format: (spec) => [
    `ref=${spec.host}/${spec.repository}`,
    ...(spec.isInsecure === undefined ? [] : [`insecure=${spec.isInsecure}`]),
  ],
};

function readInsecure({ text, fields }: SpecFields): boolean | undefined {
  const values = INSECURE_KEYS.map((key) => parseBoolean(text, key, fields.get(key))).filter((v) => v !== undefined);
  return values.length === 0 ? undefined : values.includes(true);
}
