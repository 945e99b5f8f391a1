import { invalid } from './fields.ts';

/** `/a/b/` and `a/b` are the same prefix; the keys go on behind one slash. Undefined for none. */
export function normalizePrefix(text: string, prefix: string | undefined): string | undefined {
  const bare = prefix?.replace(/^\/+|\/+$/g, '') ?? '';
  if (bare === '') return undefined;
  const isGood = bare.split('/').every((part) => /^[^\p{Cc}\\?#]+$/u.test(part) && part !== '.' && part !== '..');
  if (isGood && Buffer.byteLength(bare) <= 512) return bare;
  throw invalid(text, 'has a prefix that is no good key', 'Write names between single slashes, as in `prefix=ci/app`.');
}
