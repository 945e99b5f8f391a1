import type { FileTree } from '../../core/file-tree.ts';
import type { BuildInvocation, CacheEntry } from '../../definitions/types.ts';
import type { Edit, Fix } from '../types.ts';
import { type CacheWriter, platformsOf } from './cache-writers.ts';
import { valueEdit } from './value-edit.ts';

/**
 * Gives a writer a scope of its own, and what reads that scope in the same step the same one. Rows of a matrix get the matrix value that sets
 * them apart. undefined where an entry's text doesn't stand in the file as it is, or no name can be made.
 */
export function scopeFix(
  tree: FileTree,
  { invocation, entry }: CacheWriter,
  { rows, isWithinMatrix, difference }: ScopeCollision,
): Fix | undefined {
  const old = entry.fields.get('scope');
  // Only a workflow's own text may name values of its matrix.
  const hasMatrix = /\.github\/workflows\/[^/]+$/.test(entry.setting.file);
  const suffix = isWithinMatrix ? (hasMatrix ? matrixSuffix(rows) : undefined) : nameOf(invocation, difference);
  if (suffix === undefined || suffix === old) return undefined;
  const scope = old === undefined || old === '' ? suffix : `${old}-${suffix}`;
  const readers = invocation.cacheFrom.filter((each) => each.scope === entry.scope);
  const edits: Edit[] = [];
  for (const each of [entry, ...readers]) {
    const edit = withScope(tree, each, scope);
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return { isSafe: true, title: `Write and read the scope \`${scope}\``, edits };
}

export interface ScopeCollision {
  /** The writers that the same text makes. */
  readonly rows: readonly CacheWriter[];
  /** They collide with each other, not with another step. */
  readonly isWithinMatrix: boolean;
  readonly difference: string;
}

function withScope(tree: FileTree, { setting, fields }: CacheEntry, scope: string): Edit | undefined {
  const old = fields.get('scope');
  if (old === undefined) return valueEdit(tree, setting, `${setting.text},scope=${scope}`);
  const field = /(^|,)(\s*scope\s*=\s*)([^,]*)/i;
  return valueEdit(
    tree,
    setting,
    setting.text.replace(field, (_, comma: string, key: string) => `${comma}${key}${scope}`),
  );
}

/** The keys, one or two, whose values set all rows apart: `${{ matrix.platform }}`. */
function matrixSuffix(rows: readonly CacheWriter[]): string | undefined {
  const values = rows.map(({ invocation }) => invocation.matrixRow);
  const keys = [...new Set(values.flatMap((row) => [...row.keys()]))];
  const candidates = [
    ...keys.map((key) => [key]),
    ...keys.flatMap((a, index) => keys.slice(index + 1).map((b) => [a, b])),
  ];
  const found = candidates.find((parts) => {
    const names = values.map((row) => parts.map((key) => row.get(key)));
    if (names.some((name) => name.some((value) => value === undefined || /[,\s"']|\$\{\{/.test(value)))) return false;
    return new Set(names.map((name) => name.join('-'))).size === rows.length;
  });
  return found?.map((key) => `\${{ matrix.${key} }}`).join('-');
}

/** A name from what the build builds: its target, else its Dockerfile or directory; the platform where that is what differs. */
function nameOf(invocation: BuildInvocation, difference: string): string | undefined {
  const { dockerfile, context, target } = invocation;
  const named = target?.certainty === 'known' ? target.text : fileName(dockerfile);
  const name = difference === 'context' && named === '' ? context?.split('/').at(-1) : named;
  const platform = difference === 'platform' ? platformsOf(invocation)?.replace(/linux\//g, '') : undefined;
  const parts = [name, platform].filter((part) => part !== undefined && part !== '');
  return parts.length === 0
    ? undefined
    : parts
        .join('-')
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-');
}

/** `app` of `app/Dockerfile`, `app.Dockerfile` and `Dockerfile.app`; '' for `Dockerfile`. */
function fileName(dockerfile: string | undefined): string {
  const parts = (dockerfile ?? '').split('/');
  const own = (parts.pop() ?? '')
    .replace(/^(?:Docker|Container)file\.?/i, '')
    .replace(/\.(?:Docker|Container)file$/i, '');
  return own === '' ? (parts.at(-1) ?? '') : own;
}
