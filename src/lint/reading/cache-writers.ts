import { parsePlatform, formatPlatform } from '../../dockerfile/platform.ts';
import type { BuildInvocation, CacheEntry, Setting } from '../../definitions/types.ts';

/** One `cache-to` with a scope of GitHub's cache, for one row of a matrix. */
export interface CacheWriter {
  readonly invocation: BuildInvocation;
  readonly entry: CacheEntry;
}

/** The writers of GitHub's cache by what they overwrite: repository and scope, with the run's own names in the scope told apart. */
export function cacheWriters(definitions: readonly BuildInvocation[]): readonly (readonly CacheWriter[])[] {
  const writers = definitions
    .filter(({ job }) => job !== undefined)
    .flatMap((invocation) => invocation.cacheTo.map((entry) => ({ invocation, entry })))
    .filter(({ entry }) => entry.scope !== undefined);
  return [...Map.groupBy(writers, scopeKey).values()];
}

/** `github.job` and the like are the same text and not the same value. */
function scopeKey({ invocation: { job, matrixRow }, entry: { scope = '' } }: CacheWriter): string {
  const own: unknown[] = [job?.file.replace(/\.github\/.*$/, ''), scope];
  if (/github\.workflow/.test(scope)) own.push(job?.file);
  if (/github\.job/.test(scope)) own.push(job?.file, job?.jobId);
  if (/strategy\.|runner\./.test(scope)) own.push(job?.jobId, [...matrixRow], job?.runsOn);
  return JSON.stringify(own);
}

/** What sets two builds apart: `file`, `target`, `platform`, `context`; undefined when nothing known does. */
export function differenceOf(a: BuildInvocation, b: BuildInvocation): string | undefined {
  if (differs(a.dockerfile, b.dockerfile)) return 'Dockerfile';
  if (differs(a.context, b.context)) return 'context';
  if (differs(targetOf(a.target), targetOf(b.target))) return 'target';
  return differs(platformsOf(a), platformsOf(b)) ? 'platform' : undefined;
}

function differs(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** '' is the last stage; undefined isn't known. */
function targetOf(target: Setting | undefined): string | undefined {
  if (target === undefined) return '';
  return target.certainty === 'known' ? target.text.toLowerCase() : undefined;
}

/** Sorted; of a hosted runner's own when none are named. */
export function platformsOf({ platforms, job, builder }: BuildInvocation): string | undefined {
  if (platforms === undefined) {
    const labels = job?.runsOn ?? [];
    if (builder !== 'ephemeral' || labels.length === 0) return undefined;
    return labels.some((label) => /-arm(?:64)?\b/i.test(label)) ? 'linux/arm64' : 'linux/amd64';
  }
  if (platforms.some(({ certainty }) => certainty !== 'known')) return undefined;
  return platforms
    .map(({ text }) => normal(text))
    .toSorted()
    .join(',');
}

function normal(text: string): string {
  const platform = parsePlatform(text);
  return platform === undefined ? text : formatPlatform(platform);
}
