import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MountKind } from '../core/mount-kind.ts';
import { writeHelperProgram } from './helper-program.ts';
import { type ProbeRun, runHelperScript } from './helper-run.ts';
import { formatNames } from './name-lists.ts';
import { EXTRACT_OUTPUT, EXTRACT_SCRIPT } from './scripts/extract.ts';

export interface ExtractRequest {
  /** Names of entries that are stored already. */
  readonly known: Readonly<Record<MountKind, readonly string[]>>;
  /** Of a GOCACHE mount that holds what nobody vouched for, nothing counts as new. */
  readonly isSignedOnly: boolean;
  /** Paths of the module files that may be saved: what the build's go.sum files list. The others aren't even looked at. */
  readonly allowedModules: readonly string[];
  /** Seconds since the build began; undefined when that isn't known. */
  readonly buildAgeSeconds: number | undefined;
  /** Empty directory that receives the packs. */
  readonly exportTo: string;
}

/** What one mount held after the build. */
export interface MountExtract {
  readonly kind: MountKind;
  /** Packs of the new entries, not verified yet. */
  readonly packFiles: readonly string[];
  readonly newNames: readonly string[];
  readonly usedNames: readonly string[];
  readonly presentEntries: number;
  /** Entries that were not there a minute before the build began, or that it used after an hour. */
  readonly youngEntries: number;
  readonly owner: string | undefined;
  /** `uname -m` of the builder. */
  readonly machine: string | undefined;
  /** `go1.26.8`, where the helper ran in an image that has Go. */
  readonly goVersion: string | undefined;
  /** Something in it came from a snapshot that nobody vouched for. */
  readonly isUnsigned: boolean;
  /** First line of the marker that a restore left. */
  readonly marker: string | undefined;
}

/** One extract build: what is new in each mount, already packed, and what of it was used. */
export async function extractEntries(run: ProbeRun, request: ExtractRequest): Promise<readonly MountExtract[]> {
  await mkdir(path.join(run.directory, 'known'), { recursive: true });
  await writeHelperProgram(run.directory);
  for (const kind of ['gocache', 'gomodcache'] as const) {
    await writeFile(path.join(run.directory, 'known', kind), formatNames(request.known[kind]));
  }
  if (request.isSignedOnly) await writeFile(path.join(run.directory, 'signed-only.txt'), '');
  await writeFile(path.join(run.directory, 'allowed.txt'), formatNames(request.allowedModules));
  const age = request.buildAgeSeconds;
  await writeFile(path.join(run.directory, 'age.txt'), age === undefined ? '-\n' : `${Math.ceil(age)}\n`);
  await runHelperScript({
    ...run,
    phase: 'save',
    scriptName: 'extract.sh',
    script: EXTRACT_SCRIPT,
    output: { inStep: EXTRACT_OUTPUT, exportTo: request.exportTo },
  });
  return Promise.all(
    run.target.mounts.map(({ mount }, index) => readExtract(path.join(request.exportTo, String(index)), mount.kind)),
  );
}

async function readExtract(directory: string, kind: MountKind): Promise<MountExtract> {
  const facts = new Map<string, string>();
  for (const line of await readLines(path.join(directory, 'facts.txt'))) {
    const space = line.indexOf(' ');
    facts.set(line.slice(0, space), line.slice(space + 1));
  }
  const files = await readdir(directory);
  return {
    kind,
    packFiles: files
      .filter((name) => name.endsWith('.pack'))
      .sort()
      .map((name) => path.join(directory, name)),
    newNames: await readLines(path.join(directory, 'new.txt')),
    usedNames: await readLines(path.join(directory, 'used.txt')),
    presentEntries: Number(facts.get('present') ?? 0),
    youngEntries: Number(facts.get('young') ?? 0),
    owner: facts.get('owner'),
    machine: facts.get('machine'),
    goVersion: facts.get('go'),
    isUnsigned: facts.has('unsigned'),
    marker: facts.get('marker'),
  };
}

async function readLines(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
}
