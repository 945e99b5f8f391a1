import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What one file of a cache weighs: its bytes, and what they are in a pack (gzip level 1), without the tar's header. */
export type Weight = readonly [sizeBytes: number, packedBytes: number];

/** A module that the program is built from. */
export interface RecordedModule {
  readonly path: string;
  readonly version: string;
  readonly zip: Weight;
  readonly mod: Weight;
}

/** A package of the program, with what a build of it left in GOCACHE. Numbers name others by their place in the list. */
export interface RecordedPackage {
  readonly path: string;
  /** Place in `modules`; `std` and `main` are no downloaded ones. */
  readonly module: number | 'std' | 'main';
  readonly imports: readonly number[];
  /** Whose files its export data names: it changes when a line of one of them moves. */
  readonly mentions: readonly number[];
  readonly archive: Weight;
  /** The list of its source files, which Go keeps beside the archive. */
  readonly sources: Weight;
}

/** The package graph and the sizes of one real build, so that a history can be played anywhere. */
export interface RecordedProject {
  readonly schemaVersion: 1;
  readonly goVersion: string;
  /** Of the index that Go keeps of each module, and of each package that is in no downloaded one: the mean. */
  readonly index: Weight;
  readonly modules: readonly RecordedModule[];
  readonly packages: readonly RecordedPackage[];
}

const FILE: string = join(import.meta.dirname, '..', '..', 'history', 'heavy.json');

export async function readHeavyProject(): Promise<RecordedProject> {
  return JSON.parse(await readFile(FILE, 'utf8')) as RecordedProject;
}

/** One line for each module and package: a new recording shows in a diff as what it is. */
export function formatProject({ schemaVersion, goVersion, index, modules, packages }: RecordedProject): string {
  const lines = (list: readonly unknown[]): string => list.map((one) => JSON.stringify(one)).join(',\n');
  const head = `"schemaVersion":${schemaVersion},"goVersion":${JSON.stringify(goVersion)},"index":${JSON.stringify(index)}`;
  return `{${head},\n"modules":[\n${lines(modules)}\n],\n"packages":[\n${lines(packages)}\n]}\n`;
}

export { FILE as HEAVY_PROJECT_FILE };
