import { join, resolve } from 'node:path';
import { digestOf, hexOf } from '../../core/digest.ts';
import { readOptionalJson } from '../../core/read-optional-json.ts';
import { writeWhole } from '../../core/write-whole.ts';
import { rememberPackages, type KnownPackages } from '../../explain/explain-packages.ts';
import type { ObservedVertex } from '../../explain/observed.ts';
import type { KeyedStep } from '../../explain/types.ts';
import type { CompiledObject } from '../../golang/object/read-object.ts';
import type { ReportPastRun } from '../../report/data.ts';
import type { BuildReport, PlannedBuild } from '../../warm/types.ts';
import type { PhaseSpan } from './collect-spans.ts';

/** How a build went, beside its steps. */
export interface KeptRun {
  readonly finishedAtMs: number;
  readonly report: BuildReport;
  readonly spans: readonly PhaseSpan[];
}

/** One of the last builds, in the report's numbers. */
export interface PastRun extends Omit<ReportPastRun, 'finishedAt'> {
  readonly finishedAtMs: number;
}

/** The last build of a target, and what the one before it was made of: all that explaining it needs. */
export interface KeptBuild {
  readonly schemaVersion: 1;
  readonly steps: readonly KeyedStep[];
  readonly vertices: readonly ObservedVertex[];
  readonly before?: readonly KeyedStep[] | undefined;
  /** What the build compiled; undefined when nobody looked: nothing was saved, or another program built. */
  readonly compiled?: readonly CompiledObject[];
  /** How packages were compiled before it. */
  readonly known: KnownPackages;
  /** Of a build by slipway; files of older versions don't have it, nor `history`. */
  readonly run?: KeptRun;
  /** Of builds by slipway, this one last. */
  readonly history?: readonly PastRun[];
}

/** Builds that are kept in numbers. */
const MOST_HISTORY = 50;

/** Where the last build of this directory, Dockerfile and target is kept. */
export function keptBuildPath(
  { userBuild, dockerfilePath }: PlannedBuild,
  { cwd, cacheDirectory }: { readonly cwd: string; readonly cacheDirectory: string },
): string {
  const place = [resolve(cwd, userBuild.context), resolve(cwd, dockerfilePath), userBuild.target ?? ''];
  return join(cacheDirectory, 'builds', `${hexOf(digestOf(JSON.stringify(place))).slice(0, 32)}.json`);
}

/** What is kept of a build, after the one that was kept before it. */
export function keepAfter(
  last: KeptBuild | undefined,
  build: Pick<KeptBuild, 'steps' | 'vertices' | 'compiled' | 'run'>,
): KeptBuild {
  const known = rememberPackages(last?.known ?? {}, last?.compiled ?? []);
  const history = [...(last?.history ?? []), ...(build.run === undefined ? [] : [inNumbers(build.run)])];
  return { schemaVersion: 1, ...build, before: last?.steps, known, history: history.slice(-MOST_HISTORY) };
}

function inNumbers({ finishedAtMs, report }: KeptRun): PastRun {
  const { restore, save } = report;
  const stored = save.stored && Object.values(save.stored);
  return {
    finishedAtMs,
    isFailed: report.buildExitCode !== 0,
    totalSeconds: report.totalSeconds,
    restoreSeconds: restore.seconds,
    buildSeconds: report.buildSeconds,
    saveSeconds: save.seconds,
    bytesDown: restore.bytesMoved,
    bytesUp: save.bytesMoved,
    ...(stored && { bytesStored: stored.reduce((sum, { bytes }) => sum + bytes, 0) }),
    entriesNew: save.entriesNew,
  };
}

/** undefined when there is none; a file that was cut, edited or written by another version is as good as none. */
export async function readKeptBuild(path: string): Promise<KeptBuild | undefined> {
  const kept = (await readOptionalJson(path)) as Partial<KeptBuild> | null | undefined;
  const isWhole = kept?.schemaVersion === 1 && Array.isArray(kept.steps) && Array.isArray(kept.vertices) && kept.known;
  return isWhole ? (kept as KeptBuild) : undefined;
}

/** Whole or not at all, and for its owner alone: the texts of a Dockerfile are nobody else's business. */
export async function writeKeptBuild(path: string, kept: KeptBuild): Promise<void> {
  await writeWhole(path, `${JSON.stringify(kept)}\n`);
}
