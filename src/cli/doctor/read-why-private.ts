import { join } from 'node:path';
import { isSlipwayError } from '../../core/errors.ts';
import { readOptional } from '../../core/read-optional.ts';
import { readBuildFacts } from '../../dockerfile/build-facts.ts';
import { readPrivacy } from '../../session/read-privacy.ts';
import { whyPrivate } from '../../warm/why-private.ts';
import type { CliIo } from '../io.ts';

/** What says that the code in a directory is private, as a save of a build there would see it. */
export async function readWhyPrivate(directory: string, { env, signal }: CliIo): Promise<string | undefined> {
  const dockerfile = (await readOptional(join(directory, 'Dockerfile'))) ?? '';
  const checkout = { directories: [directory], goPrivate: goPrivateOf(dockerfile) };
  return whyPrivate(await readPrivacy(env), checkout, signal);
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
