import { SlipwayError } from '../../core/errors.ts';
import { parseCsvFields } from '../csv-fields.ts';
import { shownText } from './shown-text.ts';

/** What every kind of store may say. */
export interface CommonSpec {
  /** What `ignore-error=` said: `false` makes a fault of this store fail the run, as `--strict-cache` does. */
  readonly ignoreError?: boolean;
  readonly timeoutSeconds?: number;
  /** What `read-only=` said: nothing is ever written there. */
  readonly isReadOnly?: boolean;
}

/** The fields of a store by key, and its text for messages, without credentials. */
export interface SpecFields {
  readonly text: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** How one `type=` is read and written. */
export interface SpecKind<Spec extends CommonSpec> {
  /** What to write, for messages: `type=local,dest=DIR`. */
  readonly example: string;
  parse(fields: SpecFields): Spec;
  /** The fields behind `type=`, without the common ones; never with credentials. */
  format(spec: Spec): readonly string[];
}

const COMMON_KEYS = ['ignore-error', 'timeout', 'read-only'];

export function readFields(written: string): SpecFields {
  const text = shownText(written);
  const fields = parseCsvFields(written);
  if (fields === undefined) throw invalid(text, 'has a quote out of place', 'Quote a whole field: `"dest=/a,b"`.');
  const map = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf('=');
    // A piece of a secret with a comma in it must not be shown.
    const shown = text === written ? `\`${field}\`` : 'a part';
    if (equals < 0) throw invalid(text, `has ${shown}, which is not \`key=value\``, 'Write `type=…,key=value`.');
    const key = field.slice(0, equals).toLowerCase().trim();
    if (map.has(key)) throw invalid(text, `has \`${key}=\` twice`, 'Write it once.');
    map.set(key, field.slice(equals + 1));
  }
  return { text, fields: map };
}

export function readCommon({ text, fields }: SpecFields): CommonSpec {
  const ignoreError = parseBoolean(text, 'ignore-error', fields.get('ignore-error'));
  const timeout = fields.get('timeout');
  const timeoutSeconds = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && !timeoutSeconds) {
    throw invalid(text, `has \`timeout=${timeout}\``, 'Write a time as in `timeout=10s`, `timeout=1m30s`.');
  }
  const isReadOnly = parseBoolean(text, 'read-only', fields.get('read-only'));
  return {
    ...(ignoreError !== undefined && { ignoreError }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(isReadOnly !== undefined && { isReadOnly }),
  };
}

export function formatCommon(spec: CommonSpec): readonly string[] {
  return [
    ...(spec.ignoreError === undefined ? [] : [`ignore-error=${spec.ignoreError}`]),
    ...(spec.timeoutSeconds === undefined ? [] : [`timeout=${spec.timeoutSeconds}s`]),
    ...(spec.isReadOnly === undefined ? [] : [`read-only=${spec.isReadOnly}`]),
  ];
}

/** Keys that the kind doesn't know are an error that lists those it does. */
export function checkKeys({ text, fields }: SpecFields, own: readonly string[]): void {
  const allowed = ['type', ...own, ...COMMON_KEYS];
  for (const key of fields.keys()) {
    if (!allowed.includes(key)) {
      // `mode=max` is what people know from BuildKit's layer caches, where it says how much is exported.
      const hint = key === 'mode' ? ' For a store that is only read write `read-only=true`.' : '';
      throw invalid(text, `has the unknown key \`${key}\``, `This type knows ${allowed.join(', ')}.${hint}`);
    }
  }
}

/** The words of Go's strconv.ParseBool, which BuildKit uses. */
export function parseBoolean(text: string, key: string, value: string | undefined): boolean | undefined {
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

export function invalid(text: string, problem: string, hint: string): SlipwayError {
  return new SlipwayError('STORE_SPEC_INVALID', `the store \`${text}\` ${problem}`, { hint });
}
