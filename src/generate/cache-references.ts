import type { Choices } from './choose.ts';

/** The names of `docker buildx build` for one image: what CI definitions share. */
export interface BuildReferences {
  /** The scope of a layer cache: one for each image, since the last writer of a scope wins. */
  readonly scope: string;
  /** Comma-separated; `''` for the builder's own. */
  readonly platforms: string;
  readonly usesVersion: boolean;
  readonly needsNetrc: boolean;
  readonly needsSsh: boolean;
}

export function buildReferences(choices: Choices): BuildReferences {
  const { access, isVendored, program, platforms, versionVariable } = choices;
  const auth = isVendored ? undefined : access.auth;
  return {
    scope: program.name,
    platforms: platforms.join(','),
    usesVersion: versionVariable !== undefined,
    needsNetrc: auth === 'netrc',
    needsSsh: auth === 'ssh',
  };
}
