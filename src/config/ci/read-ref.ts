import type { RunRef } from '../../trust/who-may-write.ts';

/** `refs/heads/main`, `refs/tags/v1`, and everything else as it is written. */
export function readRef(ref: string): RunRef {
  const branch = branchOf(ref);
  if (branch !== undefined) return { kind: 'branch', name: branch };
  if (ref.startsWith('refs/tags/')) return { kind: 'tag', name: ref.slice('refs/tags/'.length) };
  return { kind: 'other', name: ref };
}

/** The branch of a full ref, or undefined. */
export function branchOf(ref: string | undefined): string | undefined {
  return ref?.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}
