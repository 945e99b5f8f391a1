import type { GoMount } from '../dockerfile/types.ts';
import type { Snapshot } from '../pack/types.ts';

/**
 * To whom the restored files of a mount belong: Go refreshes an entry's time, which only its owner may. Explicit uid and
 * gid of the mount come first, then a numeric USER; a named USER is only known from an earlier save of the same mount.
 */
export function planOwner(mount: GoMount, owners: Snapshot['owners']): string {
  const { uid, gid } = mount.identity;
  if (uid !== undefined || gid !== undefined) return `${uid ?? 0}:${gid ?? 0}`;
  const user = mount.user ?? '';
  if (user === '' || user === 'root' || user === '0') return '-';
  const numeric = /^(\d+)(?::(\d+))?$/.exec(user);
  if (numeric !== null) return numeric[1] === '0' ? '-' : user;
  return owners[mount.kind] ?? 'any';
}
