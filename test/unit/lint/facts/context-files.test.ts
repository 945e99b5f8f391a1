import { expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { readRepositoryFacts } from '../../../../src/lint/facts/read-repository.ts';
import { repositoryPath } from '../../../../src/lint/facts/source-place.ts';

const MOD = 'module example.com/m\n\ngo 1.26\n';

it('names the files of a context below the root as the repository does', () => {
  const tree = fileTreeOf({
    'app/Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY go.mod ./\nCOPY . .\n',
    'app/go.mod': MOD,
    'app/.dockerignore': 'secret\n',
    'app/secret': '',
    'other/file': '',
  });
  const [build] = readRepositoryFacts(tree, { dockerfiles: ['app/Dockerfile'], context: 'app' }).builds;
  expect(build?.context.files).toEqual(['app/.dockerignore', 'app/Dockerfile', 'app/go.mod']);
  const sources = build?.steps.flatMap((step) => (step.kind === 'copy' ? step.sources : []));
  expect(sources?.map(({ files }) => files)).toEqual([['app/go.mod'], build?.context.files]);
});

it('finds the directory of a bind-mounted file', () => {
  const mount = '--mount=type=bind,source=go.mod,target=go.mod';
  const tree = fileTreeOf({
    Dockerfile: `FROM golang:1.26\nWORKDIR /src\nRUN ${mount} go mod download\n`,
    'go.mod': MOD,
  });
  const [build] = readRepositoryFacts(tree, { dockerfiles: ['Dockerfile'] }).builds;
  expect(repositoryPath(build?.runs[0]?.places ?? [], '/src')).toBe('');
});
