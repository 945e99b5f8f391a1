import type { Digest } from '../../core/digest.ts';
import { targetOf } from './pins.ts';
import type { StoreSurvey, SurveyedSnapshot } from '../survey-store.ts';

/**
 * When each snapshot was written, in milliseconds since the epoch by the store's clock, by `scope@key`. A writer's clock
 * may be days off, so what it says counts last:
 * - A store that lists its blobs tells the age of the config, which belongs to one snapshot and is written just before it.
 * - Elsewhere a snapshot is as young as the youngest with a lower sequence in its scope, since its writer saw that one.
 * Either way it is never made older than it is, and what seems to come from the future was written now. Pure.
 */
export function planAges(survey: StoreSurvey, nowMs: number): ReadonlyMap<string, number> {
  const ages = new Map<string, number>();
  const blobTimes = survey.blobs && new Map(survey.blobs.map((blob) => [blob.digest, blob.writtenAtMs]));
  const oldestFirst = survey.snapshots.toSorted((a, b) => a.name.sequence - b.name.sequence);
  const floors = new Map<string, number>();
  for (const one of oldestFirst) {
    const own = blobTimes === undefined ? createdAt(one, nowMs) : configTime(one, blobTimes, nowMs);
    const floor = blobTimes === undefined ? (floors.get(one.name.scope) ?? 0) : 0;
    const time = Math.min(nowMs, Math.max(own, floor));
    ages.set(targetOf(one.name), time);
    // Of two with the same sequence neither saw the other; the next one saw both.
    floors.set(one.name.scope, Math.max(floor, time));
  }
  return ages;
}

function createdAt({ snapshot }: SurveyedSnapshot, nowMs: number): number {
  return snapshot?.createdAtMs ?? nowMs;
}

/** One whose config isn't in the list was written after the list was made, or lost it: nothing is known, so it is young. */
function configTime({ blobs }: SurveyedSnapshot, times: ReadonlyMap<Digest, number>, nowMs: number): number {
  const config = blobs[0];
  return (config && times.get(config.digest)) ?? nowMs;
}
