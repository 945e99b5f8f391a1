import { relative, resolve, sep } from 'node:path';
import type { Config } from '../../config/load-config.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { FileTree } from '../../core/file-tree.ts';
import { compilePattern } from '../../definitions/dockerignore/pattern.ts';
import type { Finding } from '../../lint/types.ts';
import { lastValue, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { readStandardInput } from '../read-standard-input.ts';
import { findSubjects } from './find-subjects.ts';
import type { DiskTree, FileFault } from './read-tree.ts';

export interface GatheredSubjects {
  readonly tree: FileTree & { readonly root: string };
  readonly dockerfiles: readonly string[];
  readonly others: readonly string[];
  readonly isWanted: (finding: Finding, isOfBuild: boolean) => boolean;
  /** The file itself was asked for, not a directory around it. */
  readonly isNamed: (file: string) => boolean;
  /** Files that were asked for and hold no text. */
  readonly faults: readonly SlipwayError[];
  /** The path in the tree of what came from standard input. */
  readonly stdinName: string | undefined;
}

/** What a command line asks to lint, without what the configuration leaves out. */
export async function gatherSubjects(parsed: ParsedWords, io: CliIo, config: Config): Promise<GatheredSubjects> {
  const isIgnored = ignoreTest(config.lint.ignore ?? []);
  const name = lastValue(parsed, 'stdin');
  if (name !== undefined) return gatherStdin(name, parsed, io);
  const found = await findSubjects(parsed.positionals, io.cwd);
  const dockerfiles = found.dockerfiles.filter((file) => !isIgnored(file));
  const others = found.others.filter((file) => !isIgnored(file));
  if (dockerfiles.length + others.length === 0) {
    throw new SlipwayError(
      'DOCKERFILE_MISSING',
      `there is no Dockerfile in \`${parsed.positionals.join(' ') || '.'}\``,
      {
        hint: 'Name a file, or a directory with a Dockerfile.',
      },
    );
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
    stdinName: undefined,
  };
}

async function gatherStdin(name: string, parsed: ParsedWords, io: CliIo): Promise<GatheredSubjects> {
  if (parsed.positionals.length > 0) {
    throw new SlipwayError('USAGE', `\`--stdin\` takes one file, and \`${parsed.positionals[0]}\` follows`, {
      hint: 'Leave the paths out.',
    });
  }
  const text = await readStandardInput(io);
  const { tree } = await findSubjects([], io.cwd);
  const path = relative(tree.root, resolve(io.cwd, name)).split(sep).join('/');
  const paths = tree.hasFile(path) ? tree.paths : [...tree.paths, path].sort();
  return {
    tree: {
      ...tree,
      paths,
      read: (each) => (each === path ? text : tree.read(each)),
      hasFile: (each) => each === path || tree.hasFile(each),
    },
    dockerfiles: [path],
    others: [],
    isNamed: (file) => file === path,
    isWanted: ({ file }) => file === path,
    faults: [],
    stdinName: path,
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
