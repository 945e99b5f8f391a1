import { SlipwayError } from '../core/errors.ts';

/** A value in a JSON document, with the words to name it by. */
export interface Place {
  readonly file: string;
  /** `samples[3].seconds`; empty for the document itself. */
  readonly path: string;
  readonly value: unknown;
}

/** An object's members by name; one that is missing has the value undefined, which every reader but an optional one refuses. */
export function object(place: Place): { readonly member: (name: string) => Place } {
  const { value } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault(place, 'an object');
  return {
    member: (name) => ({
      file: place.file,
      path: place.path === '' ? name : `${place.path}.${name}`,
      value: Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined,
    }),
  };
}

export function array(place: Place): readonly Place[] {
  if (!Array.isArray(place.value)) throw fault(place, 'a list');
  return place.value.map((value: unknown, index) => ({ file: place.file, path: `${place.path}[${index}]`, value }));
}

/** Members with names of the writer's choice. */
export function record<T>(place: Place, read: (place: Place) => T): Readonly<Record<string, T>> {
  const { member } = object(place);
  return Object.fromEntries(Object.keys(place.value as object).map((name) => [name, read(member(name))]));
}

export function text(place: Place): string {
  if (typeof place.value !== 'string') throw fault(place, 'a text');
  return place.value;
}

export function boolean(place: Place): boolean {
  if (typeof place.value !== 'boolean') throw fault(place, '`true` or `false`');
  return place.value;
}

/** Not negative: all that is measured here is a length of time, or a rate. */
export function number(place: Place): number {
  const { value } = place;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw fault(place, 'a number from 0');
  return value;
}

/** Bytes or things. */
export function count(place: Place): number {
  return integer(place, 0);
}

export function integer(place: Place, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  const { value } = place;
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
    throw fault(place, `a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`);
  }
  return value as number;
}

export function oneOf<T extends string | number>(place: Place, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === place.value);
  if (found === undefined) throw fault(place, `one of ${allowed.map((one) => `\`${one}\``).join(', ')}`);
  return found;
}

/** An instant in the form of RFC 3339, kept as it is written. */
export function date(place: Place): string {
  const { value } = place;
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
  if (!isDate || Number.isNaN(Date.parse(value))) throw fault(place, 'a time like `2026-11-25T09:30:00Z`');
  return value;
}

function fault({ file, path, value }: Place, expected: string): SlipwayError {
  const name = path === '' ? 'the document' : `\`${path}\``;
  const message = value === undefined ? `${name} is missing` : `${name} can't be ${shown(value)}`;
  return new SlipwayError('INPUT_INVALID', `${file}: ${message}`, { hint: `Write ${expected}.`, location: file });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
