import { readCsvFields } from '../dockerfile/csv.ts';
import type { CacheEntry, Setting } from './types.ts';

/**
 * Reads one `cache-from` or `cache-to` value. A value without `=` is an image: `type=registry,ref=…`.
 * Source: CacheOptionsEntry.UnmarshalText in github.com/docker/buildx/blob/v0.38.2/util/buildflags/cache.go; the default scope is that of
 * github.com/moby/buildkit/blob/v0.33.1/cache/remotecache/gha/gha.go
 */
export function readCacheEntry(setting: Setting, condition?: string): CacheEntry {
  const words = readCsvFields(setting.text.trim()) ?? [];
  const fields = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals > 0) fields.set(word.slice(0, equals).trim().toLowerCase(), word.slice(equals + 1).trim());
  }
  const [only] = words;
  const isReference = words.length === 1 && fields.size === 0 && only !== undefined && !isExpression(only);
  if (isReference) fields.set('type', 'registry').set('ref', only);
  const type = knownValue(fields.get('type'));
  const mode = modeOf(type, fields, words);
  return { setting, condition, type, fields, mode, scope: scopeOf(type, fields), ref: fields.get('ref') };
}

/** BuildKit exports the last stage's layers only (`min`) unless told otherwise. */
function modeOf(
  type: string | undefined,
  fields: ReadonlyMap<string, string>,
  words: readonly string[],
): CacheEntry['mode'] {
  if (type === undefined || type === 'inline') return undefined;
  const mode = fields.get('mode');
  // `type=gha,${{ … }}`: the mode may come from there.
  if (mode === undefined) return words.some((word) => !word.includes('=') && isExpression(word)) ? undefined : 'min';
  return mode === 'max' || mode === 'min' ? mode : undefined;
}

function scopeOf(type: string | undefined, fields: ReadonlyMap<string, string>): string | undefined {
  return type === 'gha' ? (fields.get('scope') ?? 'buildkit') : undefined;
}

function knownValue(value: string | undefined): string | undefined {
  return value === undefined || isExpression(value) ? undefined : value;
}

/** Holds something of a workflow, shell, Makefile or HCL variable. */
export function isExpression(text: string): boolean {
  return /\$\{\{|\$[A-Za-z_({]|`/.test(text);
}
