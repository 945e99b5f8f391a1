import type { UserBuild } from '../../buildkit/types.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import { parseWords } from '../flag-words.ts';
import { readUserBuild } from '../read-user-build.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The build that the words behind `docker buildx build` mean. `fileText` is a Dockerfile that stands in the definition itself.
 * Throws USAGE for words that buildx refuses too.
 */
export function toBuild(words: readonly string[], env: Env, fileText?: string): UserBuild {
  const parsed = parseWords(words, BUILDX_FLAGS);
  const ownFlags = new Set(['debug']);
  return readUserBuild({ parsed, ownFlags, env, ...(fileText === undefined ? {} : { fileText }) });
}

/** `--flag value` for each value. */
export function flagWords(name: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [`--${name}`, value]);
}

/** How messages call a build that has no name of its own. */
export function nameOf({ target }: UserBuild): string {
  return target === undefined ? 'the build' : `target \`${target}\``;
}
