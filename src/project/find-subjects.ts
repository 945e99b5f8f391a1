import { realpathSync, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { findGitRoot } from '../config/find-config-file.ts';
import { SlipwayError } from '../core/errors.ts';
import { isDockerfileName } from '../lint/dockerfile-names.ts';
import { readTree, type DiskTree } from './read-tree.ts';

export interface Subjects {
  readonly tree: DiskTree;
  /** Dockerfiles to lint, as paths of the tree. */
  readonly dockerfiles: readonly string[];
  /** Other files that rules look at. */
  readonly others: readonly string[];
  /** Was the file, or a directory around it, asked for? */
  readonly isWanted: (file: string) => boolean;
  /** Was the file itself asked for? */
  readonly isNamed: (file: string) => boolean;
}

/** The files that the PATHs of a command line mean, in a survey of the repository they are in. */
export async function findSubjects(paths: readonly string[], cwd: string): Promise<Subjects> {
  const wanted = (paths.length === 0 ? ['.'] : paths).map((path) => ({ path, ...locate(resolve(cwd, path), path) }));
  const [first] = wanted;
  const start = first === undefined ? cwd : first.isDirectory ? first.real : dirname(first.real);
  const root =
    (await findGitRoot(start)) ??
    commonDirectory(wanted.map(({ real, isDirectory }) => (isDirectory ? real : dirname(real))));
  const tree = readTree(root);
  const files = new Set<string>();
  const directories: string[] = [];
  for (const { path, real, isDirectory } of wanted) {
    const inside = relative(root, real).split(sep).join('/');
    if (inside.startsWith('..')) {
      throw new SlipwayError('USAGE', `\`${path}\` lies in another repository than \`${wanted[0]?.path}\``, {
        hint: 'Lint one repository at a time.',
      });
    }
    if (isDirectory) directories.push(inside);
    else files.add(inside);
  }
  const isBelow = (file: string): boolean =>
    directories.some((directory) => directory === '' || file.startsWith(`${directory}/`));
  const found = tree.paths.filter((file) => isBelow(file) && isDockerfileName(file) && !isCopied(file));
  const named = [...files].filter((file) => !isOther(file));
  return {
    tree,
    dockerfiles: [...new Set([...named, ...found])].sort(),
    others: tree.paths.filter((file) => isOther(file) && (files.has(file) || isBelow(file)) && !isCopied(file)),
    isWanted: (file) => files.has(file) || isBelow(file),
    isNamed: (file) => files.has(file),
  };
}

/** Ignore files, Makefiles, bake, Compose and workflow files. */
function isOther(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.endsWith('.dockerignore') || /^(?:GNUmakefile|makefile|Makefile)$|\.mk$/.test(name)) return true;
  if (
    /^(?:docker-bake(?:\.override)?\.(?:hcl|json)|(?:docker-)?compose[\w.-]*\.ya?ml|skaffold\.ya?ml|\.gitlab-ci\.yml)$/.test(
      name,
    )
  )
    return true;
  return /(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path);
}

/** Other people's files, and files that are there to be wrong. */
function isCopied(path: string): boolean {
  return /(?:^|\/)(?:vendor|testdata)\//.test(path);
}

function locate(path: string, written: string): { readonly real: string; readonly isDirectory: boolean } {
  try {
    const real = realpathSync(path);
    return { real, isDirectory: statSync(real).isDirectory() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const what = code === 'EACCES' ? "can't be read" : "isn't there";
    throw new SlipwayError('DOCKERFILE_MISSING', `\`${written}\` ${what}`, {
      hint: 'Name a Dockerfile or a directory.',
      cause: error,
    });
  }
}

function commonDirectory(paths: readonly string[]): string {
  let common = paths[0] ?? sep;
  for (const path of paths)
    while (path !== common && !path.startsWith(common.endsWith(sep) ? common : `${common}${sep}`))
      common = dirname(common);
  return common;
}
