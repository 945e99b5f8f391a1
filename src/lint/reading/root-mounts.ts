import type { RunStep } from '../facts/step.ts';
import { userOf } from './run-user.ts';

/**
 * The options that a new cache mount needs so that the RUN can write into it: none for root, the ids of a numeric USER. undefined for a
 * user whose ids only the image knows. `isCertain` is false where no USER is written and the image may name one.
 */
export function ownerOptions(run: RunStep): { readonly options: string; readonly isCertain: boolean } | undefined {
  const user = userOf(run);
  if (user === undefined) {
    if (run.before.user !== undefined && run.before.user !== '') return undefined;
    return { options: '', isCertain: hasRootUser(run) };
  }
  if (user.isRoot) return { options: '', isCertain: true };
  if (user.uid === undefined) return undefined;
  return { options: `,uid=${user.uid}${user.gid === undefined ? '' : `,gid=${user.gid}`}`, isCertain: true };
}

/** Images of distributions and the official golang image leave USER alone. */
function hasRootUser({ stage: { image } }: RunStep): boolean {
  return image !== undefined && (image.isGolang || ROOT_IMAGES.has(image.name));
}

const ROOT_IMAGES: ReadonlySet<string> = new Set([
  'alpine',
  'debian',
  'ubuntu',
  'fedora',
  'archlinux',
  'almalinux',
  'rockylinux',
  'centos',
  'amazonlinux',
  'buildpack-deps',
]);
