import { GO_BOOL } from './check-instructions.ts';
import { readCsvFields } from './csv.ts';
import { WordError } from './word-error.ts';

/** One `--mount` of a RUN with its variables expanded. */
export interface RunMount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** `id=` as given, '' when missing. */
  readonly id: string;
  readonly sharing: string;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mode: number | undefined;
}

/** Expands one value; throws WordError. */
export type Expand = (word: string) => string;

/**
 * Reads a `--mount` value. Keys are case-insensitive, the last of a key wins, every value is expanded on its own.
 * Throws WordError for what BuildKit refuses.
 * Source: parseMount, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/instructions/commands_runmount.go#L135
 */
export function parseRunMount(text: string, expand: Expand): RunMount {
  const fields = readCsvFields(text);
  if (fields === undefined) throw new WordError(`\`--mount=${text}\` is no list of key=value`);
  const draft: Draft = { type: 'bind', from: '', source: '', target: '', id: '', sharing: '' };
  for (const field of fields) applyField(draft, field, expand);
  checkDraft(draft);
  const readOnly = draft.readOnly ?? (draft.type !== 'cache' && draft.type !== 'tmpfs');
  const { type, from, source, target, id, sharing, uid, gid, mode } = draft;
  return { type, from, source, target, readOnly, id, sharing, uid, gid, mode };
}

/** The stage, image or context a mount is from, as BuildKit reads it before any expansion: it decides which stages are needed. */
export function readMountSource(text: string): string {
  let from = '';
  for (const field of readCsvFields(text) ?? []) {
    const equals = field.indexOf('=');
    if (equals >= 0 && field.slice(0, equals).toLowerCase() === 'from') from = field.slice(equals + 1);
  }
  return from;
}

interface Draft {
  type: RunMount['type'];
  from: string;
  source: string;
  target: string;
  id: string;
  sharing: string;
  readOnly?: boolean;
  uid?: number;
  gid?: number;
  mode?: number;
}

function applyField(draft: Draft, field: string, expand: Expand): void {
  const equals = field.indexOf('=');
  const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
  if (equals < 0) return applyBareField(draft, field, key);
  const value = expand(field.slice(equals + 1));
  const refuse = (): never => {
    throw new WordError(`\`${value}\` can't be the \`${key}\` of a mount`);
  };
  switch (key) {
    case 'type': {
      const type = value.toLowerCase();
      if (!isMountType(type)) return refuse();
      draft.type = type;
      return;
    }
    case 'from':
    case 'id':
      draft[key] = value;
      return;
    case 'source':
    case 'src':
      draft.source = value;
      return;
    case 'target':
    case 'dst':
    case 'destination':
      draft.target = value;
      return;
    case 'readonly':
    case 'ro':
    case 'readwrite':
    case 'rw':
      if (!GO_BOOL.test(value)) return refuse();
      draft.readOnly = /^[1tT]/.test(value) === (key === 'readonly' || key === 'ro');
      return;
    case 'required':
      requireSecret(draft, key);
      if (!GO_BOOL.test(value)) refuse();
      return;
    case 'size':
      if (draft.type !== 'tmpfs') throw unexpectedKey(key, draft.type);
      if (!isMemorySize(value)) refuse();
      return;
    case 'sharing':
      draft.sharing = value.toLowerCase();
      if (!['shared', 'private', 'locked'].includes(draft.sharing)) refuse();
      return;
    case 'mode':
      draft.mode = parseUint32(value, 8) ?? refuse();
      return;
    case 'uid':
    case 'gid':
      draft[key] = parseUint32(value, 10) ?? refuse();
      return;
    case 'env':
      return;
    default:
      throw new WordError(`a mount has no key \`${key}\``);
  }
}

function applyBareField(draft: Draft, field: string, key: string): void {
  if (key === 'readonly' || key === 'ro') draft.readOnly = true;
  else if (key === 'readwrite' || key === 'rw') draft.readOnly = false;
  else if (key === 'required') requireSecret(draft, key);
  else throw new WordError(`\`${field}\` in a mount is no key=value`);
}

function requireSecret(draft: Draft, key: string): void {
  if (draft.type !== 'secret' && draft.type !== 'ssh') throw unexpectedKey(key, draft.type);
}

function unexpectedKey(key: string, type: string): WordError {
  return new WordError(`a mount of type ${type} has no key \`${key}\``);
}

function checkDraft(draft: Draft): void {
  const { type } = draft;
  if (type === 'bind' || type === 'tmpfs') {
    for (const key of ['mode', 'uid', 'gid'] as const) {
      if (draft[key] !== undefined) throw unexpectedKey(key, type);
    }
  }
  if (draft.sharing !== '' && type !== 'cache') throw unexpectedKey('sharing', type);
  if (type !== 'secret') return;
  if (draft.from !== '') throw unexpectedKey('from', type);
  if (draft.source === '' && draft.target === '' && draft.id === '') {
    throw new WordError('a secret mount needs an id, a source or a target');
  }
  if (draft.source !== '' && draft.id !== '') throw new WordError('a secret mount takes an id or a source, not both');
}

function isMountType(type: string): type is RunMount['type'] {
  return ['bind', 'cache', 'tmpfs', 'secret', 'ssh'].includes(type);
}

/** strconv.ParseUint with 32 bits */
function parseUint32(text: string, base: 8 | 10): number | undefined {
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) return undefined;
  const value = Number.parseInt(text, base);
  return value <= 0xffff_ffff ? value : undefined;
}

/** units.RAMInBytes */
function isMemorySize(text: string): boolean {
  return /^\+?(?:\d+\.?\d*|\.\d+) ?(?:[kmgtp](?:i?b)?|b)?$/i.test(text);
}
