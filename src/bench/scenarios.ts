import type { ScenarioName } from './results.ts';

/** What each changes since the build that filled the caches, for people. */
export const SCENARIO_WORDS: Readonly<Record<ScenarioName, string>> = {
  cold: 'the first build: no cache is filled',
  'no-change': 'the same tree once more',
  'edit-main': 'one line in package main',
  'edit-leaf': 'one line in a package that imports no other of the repository',
  'edit-wide': 'one exported constant in the package that most others import',
  'dependency-bump': 'the next version of a direct dependency',
  'go-flags': 'another flag of the compiler: `-trimpath`, or `-c` where it is set already',
  cgo: 'CGO_ENABLED the other way round',
};

/** What `--quick` measures. */
export const QUICK_SCENARIOS: readonly ScenarioName[] = ['cold', 'no-change', 'edit-main'];

/** Edits add what no build has seen, so a builder that lives on is as ready for the next as for the first. */
export function isRepeatable(scenario: ScenarioName): boolean {
  return scenario.startsWith('edit-') || scenario === 'no-change';
}

/**
 * The flag that changes the key of every package while the compile costs the same. One that is set already changes nothing, and the
 * command's own flags win over GOFLAGS. Undefined where neither can be added.
 */
export function otherGoFlag(dockerfile: string): string | undefined {
  if (!dockerfile.includes('-trimpath')) return '-trimpath';
  // The number of functions compiled at once; go's own choice is at most 4.
  return dockerfile.includes('-gcflags') ? undefined : '-gcflags=all=-c=3';
}

/** CGO_ENABLED as the text sets it, else Go's own default on an image with a C compiler. */
export function cgoOf(dockerfile: string): 0 | 1 {
  const written = [...dockerfile.matchAll(/\bCGO_ENABLED[= ]"?([01])\b/g)].at(-1)?.[1];
  if (written !== undefined) return written === '1' ? 1 : 0;
  return /^\s*FROM\s.*golang\S*alpine/im.test(dockerfile) ? 0 : 1;
}
