import { createReadStream } from 'node:fs';
import type { MountExtract } from '../buildkit/extract-entries.ts';
import { createLimit } from '../core/limit.ts';
import { findDanglingActions, outputPath } from '../pack/action-record.ts';
import { type ContentCheck, createContentCheck } from '../pack/content-check.ts';
import { readPack, type PackReading } from '../pack/read-pack.ts';
import { rewritePack } from '../pack/rewrite-pack.ts';
import type { Entry, PackFacts } from '../pack/types.ts';
import type { ZipWatcher } from '../trust/hash-zip.ts';
import { createModuleChecker } from '../trust/module-check.ts';
import type { ModuleSums } from '../trust/module-sums.ts';
import { createOutputChecker, type OutputChecker } from '../trust/output-check.ts';
import type { CompiledObject } from '../golang/object/read-object.ts';
import { watchObjects } from './object-watch.ts';
import { writePackFile } from './pack-file.ts';
import type { StoredState } from './stored-state.ts';

/** A new pack that may be published: each `-d` hashed, each `-a` parsed and its output at hand. */
export interface VerifiedPack {
  readonly facts: PackFacts;
  readonly file: string;
}

export interface VerifiedExtract {
  readonly packs: readonly VerifiedPack[];
  /** `path: reason` of entries that must not travel: torn, half written, without their output. */
  readonly rejected: readonly string[];
  /** `path: name of the shape` of entries that look as if they held a secret. */
  readonly secrets: readonly string[];
}

export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** What module files have to match: one that no restore would take isn't stored. */
  readonly sums: ModuleSums;
  /** Save what `go test` keeps of its runs too. */
  readonly withTestResults: boolean;
  readonly scratchDirectory: string;
  /** Who looks on while a module zip is checked, by its entry path. */
  readonly watchZip?: ((path: string) => ZipWatcher | undefined) | undefined;
  /** Each package that was compiled. */
  readonly onObject?: (object: CompiledObject) => void;
}

type NewPacks = Pick<MountExtract, 'kind' | 'packFiles'>;
type StoredPacks = Pick<StoredState, 'packs' | 'entriesByPack'>;

/** Reading takes computing and memory, and little waiting: more at once are not sooner done. */
const READINGS_AT_ONCE = 2;

/** Reads every pack that came out of the builder and rewrites those that hold something which must not travel. */
export async function verifyExtract(
  extracts: readonly NewPacks[],
  state: StoredPacks,
  options: VerifyOptions,
): Promise<VerifiedExtract> {
  const { signal } = options;
  const withheld = createOutputChecker(options);
  const readings = await readAll(extracts, withheld, options);
  const bad = new Map<string, string>();
  for (const { reading } of readings) for (const { path, reason } of reading.damaged) bad.set(path, reason);
  const isKept = (path: string): boolean =>
    !bad.has(path) && !withheld.secrets.has(path) && !withheld.testResults.has(path);
  const outputs = knownOutputs(state);
  for (const { reading } of readings) {
    for (const entry of reading.entries) if (!bad.has(entry.path)) outputs.set(entry.path, entry.sizeBytes);
  }
  for (const { reading } of readings) {
    for (const { path } of findDanglingActions(reading.actions, outputs)) bad.set(path, 'its output is missing');
  }
  // An action whose output stays behind is of no use to anyone, and no fault either.
  const orphans = new Set(
    readings.flatMap(({ reading }) =>
      reading.actions.filter(({ outputHex }) => !isKept(outputPath(outputHex))).map(({ path }) => path),
    ),
  );
  const packs: VerifiedPack[] = [];
  // Nodes of one builder leave the same modules behind, and mounts of one kind the same packages.
  const placed = { gocache: new Set<string>(), gomodcache: new Set<string>() };
  for (const { file, reading } of readings) {
    const there = placed[reading.kind];
    const isWanted = (path: string): boolean => isKept(path) && !orphans.has(path) && !there.has(path);
    const pack = await withKept(file, reading, isWanted, signal);
    if (pack === undefined) continue;
    packs.push(pack);
    for (const { path } of pack.facts.entries) there.add(path);
  }
  const lines = (found: ReadonlyMap<string, string>): readonly string[] => [...found].map((pair) => pair.join(': '));
  return { packs, rejected: lines(bad), secrets: lines(withheld.secrets) };
}

async function readAll(
  extracts: readonly NewPacks[],
  withheld: OutputChecker,
  { signal, sums, scratchDirectory, watchZip, onObject }: VerifyOptions,
): Promise<{ file: string; reading: PackReading }[]> {
  const files = extracts.flatMap(({ kind, packFiles }) => packFiles.map((file) => ({ kind, file })));
  using checker = createModuleChecker(sums, { scratchDirectory, signal, watchZip });
  const inTurn = createLimit(READINGS_AT_ONCE);
  return await Promise.all(
    files.map(async ({ kind, file }) => {
      const check = (entry: Entry): ContentCheck =>
        kind === 'gomodcache' ? checker.createCheck(entry) : createContentCheck(kind, entry);
      const createCheck = (entry: Entry): ContentCheck => {
        const watched = withheld.watch(entry, check(entry));
        return kind === 'gocache' && onObject !== undefined ? watchObjects(entry, watched, onObject) : watched;
      };
      const read = () => readPack(createReadStream(file, { highWaterMark: 1 << 18 }), { kind, signal, createCheck });
      return { file, reading: await inTurn(read) };
    }),
  );
}

/** Sizes of the `-d` entries that are stored already. */
function knownOutputs(state: StoredPacks): Map<string, number> {
  const outputs = new Map<string, number>();
  for (const pack of state.packs) {
    if (pack.kind !== 'gocache') continue;
    for (const { path, sizeBytes } of state.entriesByPack.get(pack.digest) ?? [])
      if (path.endsWith('-d')) outputs.set(path, sizeBytes);
  }
  return outputs;
}

async function withKept(
  file: string,
  reading: PackReading,
  keep: (path: string) => boolean,
  signal: AbortSignal,
): Promise<VerifiedPack | undefined> {
  const good = reading.entries.filter(({ path }) => keep(path));
  if (good.length === 0) return undefined;
  if (good.length === reading.entries.length) return { facts: reading, file };
  return rewriteTo(`${file}.clean`, {
    kind: reading.kind,
    representation: reading.representation,
    sources: [file],
    keep,
    signal,
  });
}

/** Writes the chosen entries of some pack files into one new pack file. */
export async function rewriteTo(
  file: string,
  options: Pick<Parameters<typeof rewritePack>[0], 'kind' | 'representation' | 'keep' | 'signal' | 'level'> & {
    readonly sources: readonly string[];
  },
): Promise<VerifiedPack> {
  const sources = options.sources.map((source) => () => createReadStream(source, { highWaterMark: 1 << 18 }));
  const facts = await writePackFile(file, (write) => rewritePack({ ...options, sources, write }));
  return { facts, file };
}
