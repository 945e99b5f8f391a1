import { relative, resolve, sep } from 'node:path';
import type { Config } from '../config/load-config.ts';
import { SlipwayError } from '../core/errors.ts';
import type { FileTree } from '../core/file-tree.ts';
import { compilePattern } from '../definitions/dockerignore/pattern.ts';
import type { Finding } from '../lint/types.ts';
import { findSubjects } from './find-subjects.ts';
import type { DiskTree, FileFault } from './read-tree.ts';

export interface GatheredSubjects {
  readonly tree: DiskTree;
  readonly dockerfiles: readonly string[];
  readonly others: readonly string[];
  readonly isWanted: (finding: Finding, isOfBuild: boolean) => boolean;
  /** The file itself was asked for, not a directory around it. */
  readonly isNamed: (file: string) => boolean;
  /** Files that were asked for and hold no text. */
  readonly faults: readonly SlipwayError[];
  /** The path in the tree of a text that was handed in. */
  readonly textName: string | undefined;
}

/** Which files are asked for, from where they are named. */
export interface Asked {
  /** Files and directories; `cwd` alone when empty. */
  readonly paths: readonly string[];
  readonly cwd: string;
}

/** What is to be linted, without what the configuration leaves out. */
export async function gatherSubjects({ paths, cwd }: Asked, config: Config): Promise<GatheredSubjects> {
  const isIgnored = ignoreTest(config.lint.ignore ?? []);
  const found = await findSubjects(paths, cwd);
  const dockerfiles = found.dockerfiles.filter((file) => !isIgnored(file));
  const others = found.others.filter((file) => !isIgnored(file));
  if (dockerfiles.length + others.length === 0) {
    throw new SlipwayError('DOCKERFILE_MISSING', `there is no Dockerfile in \`${paths.join(' ') || '.'}\``, {
      hint: 'Name a file, or a directory with a Dockerfile.',
    });
  }
  const faults = dockerfiles.flatMap((file) => faultOf(found.tree, file));
  return {
    tree: found.tree,
    dockerfiles: dockerfiles.filter((file) => found.tree.read(file) !== undefined),
    others,
    // What a build reaches, such as a Makefile, is told wherever it lies.
    isNamed: found.isNamed,
    isWanted: ({ file }, isOfBuild) => !isIgnored(file) && (isOfBuild || found.isWanted(file)),
    faults,
    textName: undefined,
  };
}

/** One Dockerfile whose text is at hand, as if it lay at `name`. */
export async function gatherText(
  text: string,
  { name, cwd }: { name: string; cwd: string },
): Promise<GatheredSubjects> {
  const { tree } = await findSubjects([], cwd);
  const path = relative(tree.root, resolve(cwd, name)).split(sep).join('/');
  return {
    tree: withText(tree, path, text),
    dockerfiles: [path],
    others: [],
    isNamed: (file) => file === path,
    isWanted: ({ file }) => file === path,
    faults: [],
    textName: path,
  };
}

/** A survey in which a file has another text, or is there at all. */
export function withText<T extends FileTree>(tree: T, path: string, text: string): T {
  return {
    ...tree,
    paths: tree.hasFile(path) ? tree.paths : [...tree.paths, path].sort(),
    read: (each) => (each === path ? text : tree.read(each)),
    hasFile: (each) => each === path || tree.hasFile(each),
  };
}

function ignoreTest(patterns: readonly string[]): (file: string) => boolean {
  const tests = patterns.flatMap((pattern) => compilePattern(pattern.replace(/\/$/, '')) ?? []);
  return (file) => tests.some((test) => test(file) || parents(file).some(test));
}

function parents(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

const FAULTS: Readonly<Record<FileFault, string>> = {
  missing: "isn't there",
  unreadable: "can't be read",
  'too-large': 'is larger than 1 MiB',
  binary: 'is no text',
  'not-utf-8': 'is not UTF-8',
  directory: 'is a directory',
};

function faultOf(tree: DiskTree, file: string): readonly SlipwayError[] {
  const fault = tree.faultOf(file);
  if (fault === undefined) return [];
  const location = `${file}:1`;
  return [
    new SlipwayError('DOCKERFILE_INVALID', `${location}: the file ${FAULTS[fault]}`, {
      hint: 'Name a Dockerfile, or leave the file out by `lint: ignore:` in .slipway.yaml.',
      location,
    }),
  ];
}
