import type { BuildPlace, BuildRecord } from './types.ts';

/** The builds of a history that ran there: what one place takes says nothing of another. */
export function buildsAt(place: BuildPlace, history: readonly BuildRecord[]): readonly BuildRecord[] {
  return history.filter((build) => placeOf(build) === place);
}

export function placeOf(build: BuildRecord): BuildPlace {
  return build.place ?? 'builder';
}
