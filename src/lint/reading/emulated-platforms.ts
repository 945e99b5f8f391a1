import { parsePlatform } from '../../dockerfile/platform.ts';
import type { BuildInvocation } from '../../definitions/types.ts';
import type { ImageBuild } from '../facts/image-build.ts';

export interface EmulatedPlatforms {
  /** That the builder can't run by itself, or all of them where its own isn't known: `linux/arm64`. */
  readonly platforms: readonly string[];
  readonly invocation: BuildInvocation;
  /** False for a builder that may have a machine for each platform. */
  readonly isCertain: boolean;
}

/** What a build definition builds for another machine than the one it runs on; undefined when none says so. */
export function emulatedPlatforms({ definitions }: ImageBuild): EmulatedPlatforms | undefined {
  // What a job says counts more than a bake file or a Makefile, whose platforms it may set aside.
  const inJobs = definitions.filter((one) => isInJob(one) && one.platforms !== undefined);
  const found = (inJobs.length > 0 ? inJobs : definitions).flatMap((invocation) => {
    const platforms = emulatedBy(invocation);
    return platforms.length === 0 ? [] : [{ platforms, invocation, isCertain: invocation.builder !== 'persistent' }];
  });
  return found.find(({ isCertain }) => isCertain) ?? found[0];
}

function isInJob({ job, kind }: BuildInvocation): boolean {
  return job !== undefined || kind === 'gitlab';
}

function emulatedBy({ platforms, job }: BuildInvocation): readonly string[] {
  const known = (platforms ?? []).filter(({ certainty }) => certainty === 'known').map(({ text }) => text.trim());
  const archs = known.flatMap((text) => {
    const parsed = parsePlatform(text);
    return parsed === undefined ? [] : [{ text, arch: parsed.architecture }];
  });
  const host = hostOf(job?.runsOn ?? []);
  if (host !== undefined) return archs.filter(({ arch }) => !KIN[host].has(arch)).map(({ text }) => text);
  const isMixed = !Object.values(KIN).some((kin) => archs.every(({ arch }) => kin.has(arch)));
  return archs.length > 1 && isMixed ? archs.map(({ text }) => text) : [];
}

/** What a machine runs without an emulator. */
const KIN: Readonly<Record<'amd64' | 'arm64', ReadonlySet<string>>> = {
  amd64: new Set(['amd64', '386']),
  arm64: new Set(['arm64', 'arm']),
};

/** The machine behind a runner's labels; undefined when they don't say. */
function hostOf(labels: readonly string[]): 'amd64' | 'arm64' | undefined {
  if (labels.some((label) => /(?:^|[-_.])(?:arm|arm64|aarch64|graviton)(?:$|[-_.])/i.test(label))) return 'arm64';
  if (labels.some((label) => /^(?:x64|amd64|x86_64)$/i.test(label) || /^ubuntu-(?:latest|\d\d\.\d\d)$/.test(label)))
    return 'amd64';
  return undefined;
}
