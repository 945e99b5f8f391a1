import path from 'node:path';
import type { GoMount, MountIdentity } from '../dockerfile/types.ts';

/**
 * The `--mount` flag that makes BuildKit mount the very same cache directory at another target. `id` is always given,
 * since the target, which it defaults to, is another one here. `sharing=shared` never waits for a busy mount.
 */
export function formatCacheMountFlag(identity: MountIdentity, target: string): string {
  const fields = ['type=cache', `target=${target}`, `id=${identity.id}`, 'sharing=shared'];
  if (identity.from !== undefined) fields.push(`from=${identity.from}`);
  if (identity.source !== undefined) fields.push(`source=${identity.source}`);
  if (identity.uid !== undefined) fields.push(`uid=${identity.uid}`);
  if (identity.gid !== undefined) fields.push(`gid=${identity.gid}`);
  if (identity.mode !== undefined) fields.push(`mode=${identity.mode.toString(8).padStart(4, '0')}`);
  return `--mount=${fields.map(formatField).join(',')}`;
}

/** Values are expanded word by word and then split as CSV, so both must be undone: `$`, quotes and commas. */
function formatField(field: string): string {
  const escaped = field.replace(/[\\$"' ]/g, (character) => (character === '"' ? '\\""' : `\\${character}`));
  return /[",\s]/.test(field) ? `"${escaped}"` : escaped;
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
