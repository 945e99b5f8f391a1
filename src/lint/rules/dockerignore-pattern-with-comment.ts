import { ignoreTest } from '../../definitions/dockerignore/context-files.ts';
import type { IgnoreFile, IgnorePattern } from '../../definitions/dockerignore/read-ignore-file.ts';
import { replace } from '../edits.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { changesNeededFiles, ignoredDirectory, ignoreFiles } from '../reading/ignore-change.ts';
import type { Fix, Problem, RepositoryRule } from '../types.ts';

export const dockerignorePatternWithComment: RepositoryRule = {
  id: 'dockerignore-pattern-with-comment',
  number: 28,
  subject: 'repository',
  group: 'layers',
  severity: 'low',
  fix: 'safe',
  summary: 'a comment behind a pattern of an ignore file is part of the pattern',
  check: (repository) =>
    ignoreFiles(repository).flatMap((ignore) =>
      ignore.patterns.flatMap((pattern) => checkPattern(repository, ignore, pattern) ?? []),
    ),
};

function checkPattern(repository: RepositoryFacts, ignore: IgnoreFile, pattern: IgnorePattern): Problem | undefined {
  const match = /^(?<bare>[^#\s].*?)(?<space>\s+)(?<comment>#.*)$/.exec(pattern.text);
  const { bare, space, comment } = match?.groups ?? {};
  if (bare === undefined || space === undefined || comment === undefined || isRealName(repository, ignore, pattern))
    return undefined;
  const start = pattern.range.start + bare.length + space.length;
  return {
    file: ignore.path,
    range: { start, end: pattern.range.end },
    message: `\`${comment}\` is part of the pattern, as only a line that starts with \`#\` is a comment, so \`${bare}\` matches nothing`,
    cost: 'what it should keep out goes into the build',
    fix: fixOf(repository, ignore, { pattern, bare, comment }),
  };
}

/** A file may have ` #` in its name. */
function isRealName(repository: RepositoryFacts, ignore: IgnoreFile, pattern: IgnorePattern): boolean {
  const directory = ignoredDirectory(repository, ignore);
  const prefix = directory === '' ? '' : `${directory}/`;
  const isMatched = ignoreTest({ ...ignore, patterns: [{ ...pattern, isException: false }] });
  return repository.tree.paths.some((path) => path.startsWith(prefix) && isMatched(path.slice(prefix.length)));
}

interface Split {
  readonly pattern: IgnorePattern;
  readonly bare: string;
  readonly comment: string;
}

/** The comment goes on a line of its own. Safe where the pattern, once it works, keeps nothing from the build that it needs. */
function fixOf(repository: RepositoryFacts, ignore: IgnoreFile, { pattern, bare, comment }: Split): Fix {
  const { start } = pattern.lineRange;
  const end = pattern.range.start + bare.length;
  const lineEnd = ignore.text.slice(start, pattern.lineRange.end).endsWith('\r\n') ? '\r\n' : '\n';
  const line = `${comment}${lineEnd}`;
  const after =
    ignore.text.slice(0, start) + line + ignore.text.slice(start, end) + ignore.text.slice(pattern.range.end);
  const edits = [
    replace(ignore.path, { start, end: start }, line),
    replace(ignore.path, { start: end, end: pattern.range.end }, ''),
  ];
  return {
    isSafe: !changesNeededFiles(repository, ignore, after),
    title: 'Move the comment to a line of its own',
    edits,
  };
}
