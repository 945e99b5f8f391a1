import { directoryOf } from '../../core/file-tree.ts';
import { readGoHeader, readGoHeaderBytes } from '../source/go-header.ts';
import { isTestFile } from '../source/file-name.ts';

/** What the package in one directory of a module needs, whatever it is built for. */
export interface PackageNeeds {
  /** Sorted. Without the standard library's, and without `C`. */
  readonly imports: readonly string[];
  /** Some file imports `C`: its headers and sources may lie anywhere in the module. */
  readonly usesCgo: boolean;
  /** Some file may embed files of this directory, or of those below. */
  readonly embeds: boolean;
}

/** By directory inside of the module, `''` for its root; directories with Go files that aren't tests. */
export type ModulePackages = ReadonlyMap<string, PackageNeeds>;

export interface SourceFile {
  /** Inside of the module. */
  readonly name: string;
  /** Its text, or the bytes of it, of which the head alone becomes a text. */
  readonly text: string | Buffer;
}

export function isPackageFile(name: string): boolean {
  return name.endsWith('.go') && !isTestFile(name);
}

/** Reads the packages of a module, or of some of its directories, from all Go files there. */
export function readModulePackages(files: Iterable<SourceFile>): ModulePackages {
  const collector = collectPackages();
  for (const file of files) collector.add(file);
  return collector.packages();
}

/** The same file by file, since a whole module is more text than should be held at once. */
export interface PackageCollector {
  add(file: SourceFile): void;
  packages(): ModulePackages;
}

export function collectPackages(): PackageCollector {
  const packages = new Map<string, { imports: Set<string>; usesCgo: boolean; embeds: boolean }>();
  return {
    add: ({ name, text }) => {
      if (!isPackageFile(name)) return;
      const directory = directoryOf(name);
      const known = packages.get(directory) ?? { imports: new Set(), usesCgo: false, embeds: false };
      packages.set(directory, known);
      const { imports, mayEmbed } = typeof text === 'string' ? readGoHeader(text) : readGoHeaderBytes(text);
      for (const path of imports) if (isOutside(path) && !known.imports.has(path)) known.imports.add(copyOf(path));
      known.usesCgo ||= imports.includes('C');
      known.embeds ||= mayEmbed;
    },
    packages: () => {
      const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
      return new Map(sorted.map(([directory, needs]) => [directory, { ...needs, imports: [...needs.imports].sort() }]));
    },
  };
}

/** A part of a text keeps the whole text in memory: of every file read, here. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** The path of a module begins with a host; what has no dot there is the standard library's. Odd texts import nothing. */
function isOutside(path: string): boolean {
  return /^[^/\s]*\.[^/\s]*(?:\/[^\s]*)?$/.test(path);
}

const FIRST_LINE = 'slipway-packages 1';

/** As text, see `docs/formats/pack.md`; undefined for a module with a directory that a line can't hold. */
export function formatModulePackages(packages: ModulePackages): string | undefined {
  const lines = [FIRST_LINE];
  for (const [directory, { imports, usesCgo, embeds }] of packages) {
    if (/\s/.test(directory)) return undefined;
    const marks = `${usesCgo ? 'c' : ''}${embeds ? 'e' : ''}`;
    lines.push([directory === '' ? '.' : directory, marks === '' ? '-' : marks, ...imports].join(' '));
  }
  return `${lines.join('\n')}\n`;
}

/** Reads it back; undefined for any other text. */
export function parseModulePackages(text: string): ModulePackages | undefined {
  const [first, ...lines] = text.split('\n');
  if (first !== FIRST_LINE || lines.pop() !== '') return undefined;
  const packages = new Map<string, PackageNeeds>();
  for (const line of lines) {
    const [directory = '', marks = '', ...imports] = line.split(' ');
    if (directory === '' || !/^(?:-|c?e?)$/.test(marks) || marks === '' || imports.includes('')) return undefined;
    const needs = { imports, usesCgo: marks.includes('c'), embeds: marks.includes('e') };
    packages.set(directory === '.' ? '' : directory, needs);
  }
  return packages;
}
