import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hexOf, type Digest } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { type PackToFetch, writeFetchLists, writeFetchPlan } from './builder-fetch.ts';
import { writeHelperProgram } from './helper-program.ts';
import { type ProbeRun, runHelperScript } from './helper-run.ts';
import { formatNames, type PackNames, writeNameLists } from './name-lists.ts';
import { INJECT_SCRIPT } from './scripts/inject.ts';

/** A pack with its verified copy on this machine. */
export interface PackToInject extends PackNames {
  readonly digest: Digest;
  readonly file: string;
  /** By path, the h1 of the module zips whose sum was checked: Go then needn't hash them again. Of a pack of trees, the zips that they come from. */
  readonly zipSums: ReadonlyMap<string, string>;
  /** It holds directories of modules: `zipSums` then says which of them are to be put in place. */
  readonly isTrees: boolean;
}

export interface InjectRequest {
  readonly packs: readonly PackToInject[];
  /** Packs that the mounts held before the restore: looked for once more by the round with the marker. */
  readonly present: readonly PackNames[];
  /** Packs of this restore's earlier rounds: taken away again with the others when the disk gets full. */
  readonly earlier: readonly PackNames[];
  /** Packs that the builder fetches by itself into its GOCACHE mount, of which there is one then. */
  readonly fetches?: BuilderFetches | undefined;
  /** What this round and the ones behind it write to a mount of each kind. */
  readonly neededBytes: Readonly<Record<MountKind, number>>;
  /** GOCACHE packs among them come from a snapshot that nobody vouches for: what is in the mounts then must not be signed. */
  readonly isUnsigned: boolean;
  /** First line of the marker, written last: which snapshots the mount holds. Undefined when another round follows. */
  readonly marker: string | undefined;
  /** Mounts of other kinds are left alone. Undefined: of all kinds. */
  readonly onlyKind?: MountKind | undefined;
}

export interface BuilderFetches {
  readonly packs: readonly PackToFetch[];
  /** See `formatFetchPlan`. */
  readonly plan: string;
  readonly onBytes: (bytes: number) => void;
}

export interface InjectResult {
  /** Entries present afterwards of those wanted, over all mounts. */
  readonly presentEntries: number;
  readonly wantedEntries: number;
  /** Packs that the builder could not fetch, each with why, by digest. Where there are some, no marker is written. */
  readonly unfetched?: ReadonlyMap<Digest, string>;
}

/** One inject build over every mount. Throws MOUNT_EMPTY when a mount lacks entries afterwards, INJECT_FAILED when it breaks. */
export async function injectPacks(run: ProbeRun, request: InjectRequest): Promise<InjectResult> {
  const { fetches } = request;
  const kinds = run.target.mounts.map(({ mount }) => mount.kind);
  await writeHelperProgram(run.directory);
  await writeInjectFiles(run.directory, kinds, request);
  const answers = await runHelperScript({
    ...run,
    secretFile: fetches && (await writeFetchPlan(run.directory, fetches.plan)),
    onAnswer: ([word, bytes]) => {
      if (word === 'slipway-moved') fetches?.onBytes(Number(bytes));
    },
    phase: 'restore',
    scriptName: 'inject.sh',
    script: INJECT_SCRIPT,
  });
  return readInjected(kinds, { answers, fetched: fetches?.packs ?? [] });
}

/** What the script finds in its context, for mounts of these kinds. */
export async function writeInjectFiles(
  directory: string,
  kinds: readonly MountKind[],
  request: InjectRequest,
): Promise<void> {
  await writeNameLists(directory, 'lists', [...request.packs, ...request.earlier, ...request.present]);
  await writeNameLists(directory, 'earlier', request.earlier);
  if (request.isUnsigned) await writeFile(path.join(directory, 'unsigned.txt'), '');
  if (request.marker !== undefined) await writeFile(path.join(directory, 'marker.txt'), `${request.marker}\n`);
  await mkdir(path.join(directory, 'trees'), { recursive: true });
  await writeFile(path.join(directory, 'trees', 'all'), formatTrees(request.packs));
  for (const [index, kind] of kinds.entries()) await placePacks(directory, index, kind, request);
  await writeFetchLists(directory, request.fetches?.packs ?? []);
}

/** What an inject step said of the mounts of these kinds. Throws INJECT_FAILED and MOUNT_EMPTY as `injectPacks` does. */
export function readInjected(
  kinds: readonly MountKind[],
  { answers, fetched }: { readonly answers: readonly (readonly string[])[]; readonly fetched: readonly PackToFetch[] },
): InjectResult {
  const counts = answers.filter(([word]) => word === 'slipway-injected').map((words) => words.slice(2).map(Number));
  if (counts.length !== kinds.length) {
    throw new SlipwayError('INJECT_FAILED', `the inject build reported ${counts.length} of ${kinds.length} mounts`);
  }
  for (const [index, [present = 0, wanted = 0]] of counts.entries()) {
    if (present === wanted) continue;
    throw new SlipwayError(
      'MOUNT_EMPTY',
      `after inject the ${kinds[index]} mount holds ${present} of ${wanted} entries`,
    );
  }
  return {
    presentEntries: counts.reduce((sum, [present = 0]) => sum + present, 0),
    wantedEntries: counts.reduce((sum, [, wanted = 0]) => sum + wanted, 0),
    unfetched: readUnfetched(fetched, answers),
  };
}

/** What several inject steps over different mounts brought. */
export function joinInjected(results: readonly InjectResult[]): InjectResult {
  return {
    presentEntries: results.reduce((sum, { presentEntries }) => sum + presentEntries, 0),
    wantedEntries: results.reduce((sum, { wantedEntries }) => sum + wantedEntries, 0),
    unfetched: new Map(results.flatMap(({ unfetched = [] }) => [...unfetched])),
  };
}

/** What isn't said to be there is not. */
function readUnfetched(
  packs: readonly PackToFetch[],
  answers: readonly (readonly string[])[],
): ReadonlyMap<Digest, string> {
  const said = (word: string, digest: Digest) =>
    answers.find((words) => words[0] === word && words[1] === hexOf(digest));
  return new Map(
    packs
      .filter(({ digest }) => said('slipway-fetched', digest) === undefined)
      .map(({ digest }) => [digest, said('slipway-unfetched', digest)?.slice(2).join(' ') ?? 'nothing was said of it']),
  );
}

async function placePacks(
  directory: string,
  mountIndex: number,
  kind: MountKind,
  request: InjectRequest,
): Promise<void> {
  const packDirectory = path.join(directory, 'packs', String(mountIndex));
  const freshDirectory = path.join(directory, 'fresh', String(mountIndex));
  await mkdir(path.join(directory, 'need'), { recursive: true });
  const needed = Math.ceil(request.neededBytes[kind] / 1024);
  await writeFile(path.join(directory, 'need', String(mountIndex)), `${needed}\n`);
  await mkdir(packDirectory, { recursive: true });
  await mkdir(freshDirectory, { recursive: true });
  const packs = request.packs.filter((each) => each.kind === kind);
  await mkdir(path.join(directory, 'ziphash'), { recursive: true });
  await writeFile(path.join(directory, 'trees', String(mountIndex)), formatTrees(packs));
  const sums = packs.flatMap(({ zipSums }) => [...zipSums].map(([name, sum]) => `${name} ${sum}\n`));
  await writeFile(path.join(directory, 'ziphash', String(mountIndex)), sums.join(''));
  for (const pack of packs) {
    // Named by content, never by number: BuildKit doesn't send a context's file again whose path, size and time it has seen
    // in a round before, and two packs that were downloaded side by side may have both in common.
    await linkOrCopy(pack.file, path.join(packDirectory, `${hexOf(pack.digest)}.pack`));
    await writeFile(path.join(freshDirectory, hexOf(pack.digest)), formatNames(pack.names));
  }
}

/** `<directory> <zip> <sum>` of each tree, once, though several packs may hold parts of it. */
function formatTrees(packs: readonly PackToInject[]): string {
  const lines = packs
    .filter(({ isTrees }) => isTrees)
    .flatMap(({ zipSums }) => [...zipSums].map(([zip, sum]) => `${moduleDirectory(zip)} ${zip} ${sum}\n`));
  return [...new Set(lines)].sort().join('');
}

/** `cache/download/a.b/c/@v/v1.0.0.zip` is unpacked to `a.b/c@v1.0.0`. */
function moduleDirectory(zip: string): string {
  return zip.replace(/^cache\/download\/(.+)\/@v\/(.+)\.zip$/, '$1@$2');
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
  }
}
