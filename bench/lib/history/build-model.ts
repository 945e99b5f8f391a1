import { createHash } from 'node:crypto';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import type { RecordedPackage, RecordedProject, Weight } from './project.ts';

/** What is checked out: everything that decides what a build compiles. */
export interface Tree {
  readonly goVersion: string;
  /** By module, what it was bumped to; those that aren't here have the recorded version. */
  readonly modules: ReadonlyMap<number, string>;
  /** By package of the program: its text, and what of it others can see in its export data. */
  readonly texts: ReadonlyMap<number, PackageText>;
}

export interface PackageText {
  readonly body: string;
  /** Changes when lines move or the API does. */
  readonly exports: string;
}

/** Of a package of the program that nobody has edited yet. */
export const FIRST_TEXT: PackageText = { body: 'first', exports: 'first' };

/** One file of a cache mount, as the model knows it: equal keys are equal files. */
export interface ModelEntry {
  readonly kind: MountKind;
  readonly key: string;
  readonly what: 'action' | 'output' | 'zip' | 'mod';
  readonly weight: Weight;
  /** Of an action: the key of its output. */
  readonly output?: string;
}

export interface ModelBuild {
  /** All entries that the build reads, or makes where they are missing. */
  readonly entries: readonly ModelEntry[];
  /** By package, the key of the action that compiles it. */
  readonly compiles: ReadonlyMap<number, string>;
  /** Entries that a build makes which compiles the package, and that no build reads: by the key of its compile. */
  readonly beside: ReadonlyMap<string, readonly ModelEntry[]>;
}

const ACTION: Weight = [175, 110];
const EMPTY: ModelEntry = { kind: 'gocache', key: 'empty', what: 'output', weight: [0, 0] };

/**
 * What a build of this tree reads and makes. Go names a compile by the package's text, its directory and the *content* of
 * each package that it imports; what changes nothing in the compiled package ends there:
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/work/buildid.go#L25-L105
 * `checkout` stands for the times of the files, by which Go keeps the index of each package of the main module.
 */
export function modelBuild(project: RecordedProject, tree: Tree, checkout: string): ModelBuild {
  const ids = identify(project, tree);
  const entries: ModelEntry[] = [EMPTY];
  const beside = new Map<string, readonly ModelEntry[]>();
  const compiles = new Map<number, string>();
  for (const [at, one] of project.packages.entries()) {
    const { action, content } = ids[at] as Identity;
    compiles.set(at, action);
    entries.push(...pair(`compile ${action}`, `archive ${action} ${content}`, one.archive));
    entries.push({ kind: 'gocache', key: `stdout ${action}`, what: 'action', weight: ACTION, output: EMPTY.key });
    const sources = `sources ${at} ${textOf(tree, project, at).exports}`;
    beside.set(action, pair(`sources ${action}`, sources, one.sources));
    if (typeof one.module === 'number') continue;
    const stamp = one.module === 'main' ? checkout : tree.goVersion;
    entries.push(...pair(`index ${at} ${stamp}`, `index ${at} ${textOf(tree, project, at).body}`, project.index));
  }
  for (const [at, { zip, mod }] of project.modules.entries()) {
    const name = `${at}@${versionOf(tree, project, at)}`;
    entries.push(...pair(`index ${name} ${tree.goVersion}`, `index of ${name}`, project.index));
    entries.push({ kind: 'gomodcache', key: `${name}.zip`, what: 'zip', weight: zip });
    entries.push({ kind: 'gomodcache', key: `${name}.mod`, what: 'mod', weight: mod });
  }
  return { entries, compiles, beside };
}

interface Identity {
  readonly action: string;
  /** Of what it compiles to. */
  readonly content: string;
  readonly exports: string;
}

/** Packages come after what they import, as `go list -deps` lists them. */
function identify(project: RecordedProject, tree: Tree): readonly Identity[] {
  const ids: Identity[] = [];
  for (const [at, one] of project.packages.entries()) {
    const text = textOf(tree, project, at);
    const place = `${at} ${tree.goVersion} ${placeOf(tree, project, one)}`;
    const imported = one.imports.map((other) => ids[other] as Identity);
    const seen = one.mentions.map((other) => textOf(tree, project, other).exports);
    const exports = hash(place, text.exports, ...seen);
    const action = hash(place, text.body, text.exports, ...imported.map(({ content }) => content));
    // The object names the export data of each import by its hash, and may have bodies of it inlined.
    const content = hash(place, text.body, exports, ...imported.map((other) => other.exports));
    ids.push({ action, content, exports });
  }
  return ids;
}

function placeOf(tree: Tree, project: RecordedProject, { module }: RecordedPackage): string {
  return typeof module === 'number' ? versionOf(tree, project, module) : module;
}

function versionOf(tree: Tree, project: RecordedProject, module: number): string {
  return tree.modules.get(module) ?? project.modules[module]?.version ?? '';
}

/** Packages of modules and of Go have the text of their version. */
function textOf(tree: Tree, project: RecordedProject, at: number): PackageText {
  const module = project.packages[at]?.module;
  if (module === 'main') return tree.texts.get(at) ?? FIRST_TEXT;
  const version = typeof module === 'number' ? versionOf(tree, project, module) : tree.goVersion;
  return { body: version, exports: version };
}

function pair(action: string, output: string, weight: Weight): readonly ModelEntry[] {
  return [
    { kind: 'gocache', key: action, what: 'action', weight: ACTION, output },
    { kind: 'gocache', key: output, what: 'output', weight },
  ];
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 30);
}
