import { SlipwayError } from '../core/errors.ts';
import { parseReference } from '../oci/reference.ts';
import { formatCsvFields, parseCsvFields } from './csv-fields.ts';

/** A store as the user named it, in BuildKit's words. */
export type StoreSpec = LocalStoreSpec | RegistryStoreSpec;

interface CommonSpec {
  /** What `ignore-error=` said: `false` makes a fault of this store fail the run, as `--strict-cache` does. */
  readonly ignoreError?: boolean;
  readonly timeoutSeconds?: number;
}

export interface LocalStoreSpec extends CommonSpec {
  readonly type: 'local';
  readonly dest: string;
}

export interface RegistryStoreSpec extends CommonSpec {
  readonly type: 'registry';
  /** As in image names: `docker.io`, `localhost:5000`. */
  readonly host: string;
  readonly repository: string;
  /** Plain http; undefined means for loopback names only. */
  readonly isInsecure?: boolean;
}

const EXAMPLES = 'Write `type=local,dest=DIR` or `type=registry,ref=HOST/REPOSITORY`.';
const COMMON_KEYS = ['ignore-error', 'timeout'];
const INSECURE_KEYS = ['insecure', 'registry.insecure', 'http'];

/**
 * Reads `type=…,key=value,…` with BuildKit's CSV rules and spelling of keys, lower or upper case.
 * https://github.com/moby/buildkit/blob/v0.33.1/cmd/buildctl/build/exportcache.go#L12-L44
 */
export function parseStoreSpec(text: string): StoreSpec {
  const fields = parseFields(text);
  const type = fields.get('type');
  if (type === undefined) throw invalid(text, 'has no `type=`', EXAMPLES);
  switch (type) {
    case 'local':
      return parseLocal(text, fields);
    case 'registry':
      return parseRegistry(text, fields);
    default:
      throw invalid(text, `names the type \`${type}\`, which is not one of local, registry`, EXAMPLES);
  }
}

/** The spelling that reads back as the same spec. There is no place in it for credentials. */
export function formatStoreSpec(spec: StoreSpec): string {
  const fields = [`type=${spec.type}`];
  if (spec.type === 'local') fields.push(`dest=${spec.dest}`);
  else fields.push(`ref=${spec.host}/${spec.repository}`);
  if (spec.type === 'registry' && spec.isInsecure !== undefined) fields.push(`insecure=${spec.isInsecure}`);
  if (spec.ignoreError !== undefined) fields.push(`ignore-error=${spec.ignoreError}`);
  if (spec.timeoutSeconds !== undefined) fields.push(`timeout=${spec.timeoutSeconds}s`);
  return formatCsvFields(fields);
}

function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = parseCsvFields(text);
  if (fields === undefined) throw invalid(text, 'has a quote out of place', 'Quote a whole field: `"dest=/a,b"`.');
  const map = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals < 0) throw invalid(text, `has \`${field}\`, which is not \`key=value\``, EXAMPLES);
    const key = field.slice(0, equals).toLowerCase().trim();
    if (map.has(key)) throw invalid(text, `has \`${key}=\` twice`, 'Write it once.');
    map.set(key, field.slice(equals + 1));
  }
  return map;
}

function parseLocal(text: string, fields: ReadonlyMap<string, string>): LocalStoreSpec {
  checkKeys(text, fields, ['dest']);
  const dest = fields.get('dest') ?? '';
  if (dest === '') throw invalid(text, 'does not say where', 'Write `type=local,dest=DIR`.');
  return { type: 'local', dest, ...parseCommon(text, fields) };
}

function parseRegistry(text: string, fields: ReadonlyMap<string, string>): RegistryStoreSpec {
  checkKeys(text, fields, ['ref', ...INSECURE_KEYS]);
  const ref = fields.get('ref') ?? '';
  const write = 'Write `type=registry,ref=HOST/REPOSITORY`; each scope becomes a tag of it.';
  if (ref === '') throw invalid(text, 'does not say which repository', write);
  const parsed = parseReference(ref);
  if (!parsed.ok) throw invalid(text, `has a ref that is no name: ${parsed.problem}`, write);
  const { host, repository, tag, digest } = parsed.reference;
  if (digest !== undefined) throw invalid(text, 'names a digest', write);
  if (tag !== undefined)
    throw invalid(text, `names the tag \`${tag}\``, `${write} For one name of your own use \`--scope ${tag}\`.`);
  const isInsecure = parseInsecure(text, fields);
  return {
    type: 'registry',
    host,
    repository,
    ...(isInsecure !== undefined && { isInsecure }),
    ...parseCommon(text, fields),
  };
}

function parseInsecure(text: string, fields: ReadonlyMap<string, string>): boolean | undefined {
  const values = INSECURE_KEYS.map((key) => parseBoolean(text, key, fields.get(key))).filter((v) => v !== undefined);
  return values.length === 0 ? undefined : values.includes(true);
}

function parseCommon(text: string, fields: ReadonlyMap<string, string>): CommonSpec {
  const ignoreError = parseBoolean(text, 'ignore-error', fields.get('ignore-error'));
  const timeout = fields.get('timeout');
  const timeoutSeconds = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && !timeoutSeconds) {
    throw invalid(text, `has \`timeout=${timeout}\``, 'Write a time as in `timeout=10s`, `timeout=1m30s`.');
  }
  return { ...(ignoreError !== undefined && { ignoreError }), ...(timeoutSeconds !== undefined && { timeoutSeconds }) };
}

function checkKeys(text: string, fields: ReadonlyMap<string, string>, own: readonly string[]): void {
  const allowed = ['type', ...own, ...COMMON_KEYS];
  for (const key of fields.keys()) {
    if (!allowed.includes(key)) {
      throw invalid(text, `has the unknown key \`${key}\``, `This type knows ${allowed.join(', ')}.`);
    }
  }
}

/** The words of Go's strconv.ParseBool, which BuildKit uses. */
function parseBoolean(text: string, key: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw invalid(text, `has \`${key}=${value}\``, `Write \`${key}=true\` or \`${key}=false\`.`);
}

/** Go's durations as far as people write them: `10s`, `1m30s`, `500ms`, `1h`. */
function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, part) => sum + Number(part[1]) * unitSeconds[part[2]!]!, 0);
}

function invalid(text: string, problem: string, hint: string): SlipwayError {
  return new SlipwayError('STORE_SPEC_INVALID', `the store \`${text}\` ${problem}`, { hint });
}
