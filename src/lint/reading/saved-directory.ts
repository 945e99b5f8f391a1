import type { RunningStep } from '../../definitions/workflow/job-steps.ts';

/** Names that directories have in which Go's build cache is kept. */
export const BUILD_CACHE: RegExp = /go-build|go-?cache|gocache|\.cache\/?$|Library\/Caches/i;

/** By its name, or by what buildkit-cache-dance makes of it. Directories of modules never change for one go.sum. */
export function isBuildCache(directory: string, steps: readonly RunningStep[]): boolean {
  const targets = steps.flatMap(({ step }) =>
    /cache-dance/.test(step.action) ? danceTargets(step.inputs, directory) : [],
  );
  const names = [directory, ...targets];
  return names.some((name) => BUILD_CACHE.test(name) && !/mod-?cache|pkg\/mod|go-?mod/i.test(name));
}

/** `cache-map: {"go-cache": "/root/.cache/go-build"}`, or `cache-source` and `cache-target`. */
function danceTargets(inputs: RunningStep['step']['inputs'], directory: string): readonly string[] {
  const text = ['cache-map', 'cache-source', 'cache-target']
    .map((name) => inputs.get(name)?.value?.text ?? '')
    .join('\n');
  const name = directory.replace(/^\.?\/|\/$/g, '');
  return text.includes(name)
    ? [...text.matchAll(/"target"\s*:\s*"([^"]+)"|:\s*"([^"]+)"|^(\/\S+)$/gm)].flatMap(
        (match) => match[1] ?? match[2] ?? match[3] ?? [],
      )
    : [];
}
