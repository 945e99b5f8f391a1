import type { MountKind } from '../core/mount-kind.ts';
import type { Representation } from './types.ts';
import { MAX_ELEMENT_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from './limits.ts';

/** `ab/abcd…-a` (an action) or `-d` (its output); the directory repeats the first two digits. */
const GOCACHE_ENTRY = /^([0-9a-f]{2})\/\1[0-9a-f]{62}-[ad]$/;
const GOCACHE_PARENT = /^[0-9a-f]{2}$/;

const DOWNLOAD = 'cache/download/';

/**
 * May a file of this path travel? `path` is relative to the cache directory. The grammar is the whole defence of the
 * mount: what it lets through is a plain relative path of lower-case ASCII, so no traversal, no case or Unicode twins,
 * and no file in the place of another's directory.
 *
 * gocache: the names of `DiskCache.fileName`; an executable kept by `go run` is a directory `…-d` and so never an entry.
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cache/cache.go
 *
 * gomodcache: `.info`, `.mod` and `.zip` under `cache/download/<escaped module path>/@v/<escaped version>`, as
 * `CachePath` makes them. Never `.ziphash`, which Go trusts unseen; nor `.lock`, `.partial`, `list`, `cache/vcs`,
 * `cache/download/sumdb`.
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/modfetch/cache.go
 *
 * Of the other representations of modules: `trees` are files of extracted modules, `<escaped module>@<escaped version>/…`;
 * `tree-index` are `.sums` and `.packages`, which lie where a zip would.
 */
export function isEntryPath(kind: MountKind, path: string, representation: Representation = 'files'): boolean {
  if (path.length > MAX_PATH_BYTES) return false;
  if (kind === 'gocache') return representation === 'files' && GOCACHE_ENTRY.test(path);
  return representation === 'trees' ? splitTreePath(path) !== undefined : isModuleFile(path, SUFFIXES[representation]);
}

const SUFFIXES = { files: /^(.+)\.(?:info|mod|zip)$/, 'tree-index': /^(.+)\.(?:sums|packages)$/ };

/** What names in a tree may be made of: nothing that a shell or a list of names would take for something else. */
const TREE_ELEMENT = /^[-+.,=@_~0-9A-Za-z]+$/;

export interface TreePath {
  /** `<escaped module>@<escaped version>`, the directory that the module is extracted to. */
  readonly directory: string;
  /** The file's name inside of the module. */
  readonly name: string;
}

/** Splits the path of a `trees` entry; undefined for a path that is none. */
export function splitTreePath(path: string): TreePath | undefined {
  const at = path.indexOf('@');
  const slash = path.indexOf('/', at);
  if (at < 0 || slash < 0) return undefined;
  const [directory, name] = [path.slice(0, slash), path.slice(slash + 1)];
  if (!isTreeDirectory(directory, at)) return undefined;
  const elements = name.split('/');
  if (path.split('/').length > MAX_PATH_DEPTH || !elements.every(isTreeElement)) return undefined;
  return { directory, name };
}

/** The last one that was right: the files of a module follow each other, by hundreds. */
let lastDirectory = '';

function isTreeDirectory(directory: string, at: number): boolean {
  if (directory === lastDirectory) return true;
  if (!isEscapedModulePath(directory.slice(0, at)) || !isEscapedVersion(directory.slice(at + 1))) return false;
  lastDirectory = directory;
  return true;
}

function isTreeElement(element: string): boolean {
  return TREE_ELEMENT.test(element) && element.length <= MAX_ELEMENT_BYTES && !/^\.{1,2}$/.test(element);
}

/** Could an entry lie below this directory? `''` is the cache directory itself. */
export function isEntryParent(kind: MountKind, path: string, representation: Representation = 'files'): boolean {
  // slipway writes these packs by itself, without directories.
  if (representation !== 'files') return false;
  if (path === '') return true;
  if (kind === 'gocache') return GOCACHE_PARENT.test(path);
  if (path === 'cache' || path === 'cache/download') return true;
  if (!path.startsWith(DOWNLOAD) || path.length > MAX_PATH_BYTES) return false;
  const elements = path.slice(DOWNLOAD.length).split('/');
  if (elements.length > MAX_PATH_DEPTH - 3) return false;
  if (elements.at(-1) === '@v') return isEscapedModulePath(elements.slice(0, -1).join('/'));
  return elements.every(
    (element, index) => element.length <= MAX_ELEMENT_BYTES && isModuleElement(unescapeName(element), index === 0),
  );
}

/** The version in the name of a gomodcache entry, unescaped: what its `.info` must state. */
export function entryVersion(path: string): string | undefined {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const escaped = SUFFIXES.files.exec(base)?.[1];
  return escaped === undefined ? undefined : unescapeName(escaped);
}

function isModuleFile(path: string, suffix: RegExp): boolean {
  if (!path.startsWith(DOWNLOAD)) return false;
  const elements = path.slice(DOWNLOAD.length).split('/');
  const file = elements.pop() ?? '';
  if (elements.pop() !== '@v' || elements.length > MAX_PATH_DEPTH - 4 || file.length > MAX_ELEMENT_BYTES) return false;
  const version = suffix.exec(file)?.[1];
  return version !== undefined && isEscapedVersion(version) && isEscapedModulePath(elements.join('/'));
}

/** `module.UnescapePath`: https://github.com/golang/mod/blob/v0.30.0/module/module.go */
function isEscapedModulePath(escaped: string): boolean {
  const path = unescapeName(escaped);
  if (path === undefined || escaped.split('/').some((element) => element.length > MAX_ELEMENT_BYTES)) return false;
  const elements = path.split('/');
  if (!elements.every((element, index) => isModuleElement(element, index === 0))) return false;
  if (!/^(?!-)[-.0-9a-z]*\.[-.0-9a-z]*$/.test(elements[0] ?? '')) return false;
  return hasMajorSuffixOk(path);
}

/** `checkElem` for module paths. */
function isModuleElement(element: string | undefined, isFirst: boolean): boolean {
  if (element === undefined || !/^[-._~0-9A-Za-z]+$/.test(element)) return false;
  if (element.startsWith('.') || element.endsWith('.') || (isFirst && element.startsWith('-'))) return false;
  const short = element.split('.', 1)[0] ?? '';
  return !/^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i.test(short) && !/~[0-9]+$/.test(short);
}

/** `SplitPathVersion`: `/v2` and up as a last element, or gopkg.in's `.vN`. */
function hasMajorSuffixOk(path: string): boolean {
  if (path.startsWith('gopkg.in/')) return /\.v(?:0|[1-9][0-9]*)(?:-unstable)?$/.test(path);
  const numeric = /\/v([0-9.]+)$/.exec(path)?.[1];
  return numeric === undefined || /^(?:[2-9]|[1-9][0-9]+)$/.test(numeric);
}

const NUMBER = '(?:0|[1-9][0-9]*)';
const IDENTIFIER = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const CANONICAL_VERSION = new RegExp(
  `^v${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${IDENTIFIER}(?:\\.${IDENTIFIER})*)?(?:\\+incompatible)?$`,
);

/** Only canonical versions name files: `CachePath` refuses all others. Pseudo-versions are canonical ones. */
function isEscapedVersion(escaped: string): boolean {
  const version = unescapeName(escaped);
  return version !== undefined && CANONICAL_VERSION.test(version);
}

/** `unescapeString`: `!x` is `X`; a bare upper-case letter, a lone `!` or a non-ASCII character has no meaning. */
function unescapeName(escaped: string): string | undefined {
  if (!/^(?:![a-z]|[^!A-Z\u0080-\uffff])*$/.test(escaped)) return undefined;
  return escaped.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
