import { isUtf8 } from 'node:buffer';
import path from 'node:path';
import type { GoMount, MountIdentity } from '../dockerfile/types.ts';

/**
 * The `--mount` flag that makes BuildKit mount the very same cache directory at another target. `id` is always given,
 * since the target, which it defaults to, is another one here. `sharing=shared` never waits for a busy mount.
 */
export function formatCacheMountFlag(identity: MountIdentity, target: string, escape = '\\'): string {
  const fields = ['type=cache', `target=${target}`, `id=${identity.id}`, 'sharing=shared'];
  if (identity.from !== undefined) fields.push(`from=${identity.from}`);
  if (identity.source !== undefined) fields.push(`source=${identity.source}`);
  if (identity.uid !== undefined) fields.push(`uid=${identity.uid}`);
  if (identity.gid !== undefined) fields.push(`gid=${identity.gid}`);
  if (identity.mode !== undefined) fields.push(`mode=${identity.mode.toString(8).padStart(4, '0')}`);
  return `--mount=${formatFlagValue(fields.map((field) => formatField(field, escape)).join(','), escape)}`;
}

/**
 * BuildKit takes a flag apart three times: quotes and escapes of the line, then CSV, then each value as a shell word.
 * What is written here goes through the same in reverse. The line is read byte by byte, so that `ä` becomes two characters,
 * which are put together again. Source: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/split_command.go#L28-L122
 */
function formatFlagValue(value: string, escape: string): string {
  const isPlain = /^[\w\-.,=/:@$;#|&*~!{}+%^()?[\]]*$/.test(value);
  if (isPlain) return value;
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString('latin1') === value && isUtf8(bytes) ? bytes.toString('utf8') : value;
  return `"${text.replaceAll(/["\\`]/g, (character) => (character === '"' || character === escape ? `${escape}${character}` : character))}"`;
}

/** A field of the CSV record, its value as a shell word. */
function formatField(field: string, escape: string): string {
  const word = field.replaceAll(/[\\`$"'<]/g, (character) =>
    /[\\`]/.test(character) && character !== escape ? character : `${escape}${character}`,
  );
  return /[",]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word;
}

/**
 * The key of a mount as BuildKit forms it, for people and for comparing: without the builder-local id of a base record.
 * Source: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert_runmount.go
 */
export function formatMountKey(identity: MountIdentity): string {
  const parts = [`${identity.namespace}/${identity.id}`];
  for (const key of ['from', 'source', 'uid', 'gid'] as const) {
    if (identity[key] !== undefined) parts.push(`${key}=${identity[key]}`);
  }
  if (identity.mode !== undefined) parts.push(`mode=${identity.mode.toString(8).padStart(4, '0')}`);
  return parts.join(' ');
}

/** Where helper builds see the n-th mount, and the cache directory in it. */
export function helperMountTarget(index: number): string {
  return `/slipway/mounts/${index}`;
}

export function helperCacheDirectory(mount: GoMount, index: number): string {
  return path.posix.join(helperMountTarget(index), mount.subdirectory);
}
