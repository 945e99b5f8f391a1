import { join } from 'node:path';
import { findGitRoot } from '../../config/find-config-file.ts';
import type { Environment } from '../../config/options.ts';
import { isSlipwayError } from '../../core/errors.ts';
import { readOptional } from '../../core/read-optional.ts';
import { readBuildFacts } from '../../dockerfile/build-facts.ts';
import { readPrivacy } from '../../session/read-privacy.ts';
import { whyPrivate } from '../../warm/why-private.ts';

/** What says that the code in a directory is private, as a save of a build there would see it. */
export async function readWhyPrivate(
  directory: string,
  env: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const privacy = await readPrivacy(env);
  if (!(await isProject(directory))) return privacy.repository;
  const dockerfile = (await readOptional(join(directory, 'Dockerfile'))) ?? '';
  const checkout = { directories: [directory], goPrivate: goPrivateOf(dockerfile) };
  return whyPrivate(privacy, checkout, signal);
}

/** The files below, say, a home directory are nobody's build. */
async function isProject(directory: string): Promise<boolean> {
  if ((await readOptional(join(directory, 'go.mod'))) !== undefined) return true;
  return (await findGitRoot(directory)) !== undefined;
}

function goPrivateOf(dockerfile: string): readonly string[] {
  try {
    return readBuildFacts(dockerfile, { fileName: 'Dockerfile', buildArgs: {} }).goPrivate;
  } catch (error) {
    // What is wrong with it is told by the build.
    if (isSlipwayError(error)) return [];
    throw error;
  }
}
