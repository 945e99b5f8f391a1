import type { Refusal } from '../../port.ts';

/**
 * What ACTIONS_CACHE_MODE lets a run do, in the words of the official client: `read` and `write` may read, `write` and
 * `write-only` may write, `none` neither; no mode or another word forbids nothing.
 * https://github.com/actions/toolkit/blob/main/packages/cache/src/internal/config.ts
 */
export function refusalOfMode(value: string | undefined): Refusal {
  const mode = (value ?? '').trim().toLowerCase();
  const why = `GitHub runs this job with the cache mode \`${mode}\``;
  switch (mode) {
    case 'none':
      return { read: why, write: why };
    case 'read':
      return { write: why };
    case 'write-only':
      return { read: why };
    default:
      return {};
  }
}
