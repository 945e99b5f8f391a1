import type { IgnoreFile } from '../../definitions/dockerignore/read-ignore-file.ts';
import { replace } from '../edits.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { changesNeededFiles, ignoreFiles } from '../reading/ignore-change.ts';
import type { Problem, RepositoryRule } from '../types.ts';

export const dockerignoreOnlyNegations: RepositoryRule = {
  id: 'dockerignore-only-negations',
  number: 28,
  subject: 'repository',
  group: 'layers',
  severity: 'low',
  fix: 'safe',
  summary: 'an ignore file takes back what it never left out',
  check: (repository) => ignoreFiles(repository).flatMap((ignore) => checkFile(repository, ignore) ?? []),
};

function checkFile(repository: RepositoryFacts, ignore: IgnoreFile): Problem | undefined {
  const [first] = ignore.patterns;
  if (first === undefined || !ignore.patterns.every(({ isException }) => isException)) return undefined;
  const { start } = first.lineRange;
  const lineEnd = ignore.text.slice(first.lineRange.start, first.lineRange.end).endsWith('\r\n') ? '\r\n' : '\n';
  const text = `*${lineEnd}`;
  const after = ignore.text.slice(0, start) + text + ignore.text.slice(start);
  return {
    file: ignore.path,
    range: first.range,
    message: `\`${first.text}\` takes back nothing, as no line leaves files out, so the whole directory goes into the build`,
    cost: 'any change in the directory runs the steps below `COPY .` again',
    fix: {
      isSafe: !changesNeededFiles(repository, ignore, after),
      title: 'Leave everything else out with `*`',
      edits: [replace(ignore.path, { start, end: start }, text)],
    },
  };
}
