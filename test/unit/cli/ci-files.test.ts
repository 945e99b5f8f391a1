import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, parseDocument } from 'yaml';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { check } from '../../../src/lint/check.ts';
import { readRepositoryFacts } from '../../../src/lint/facts/read-repository.ts';
import { RULES } from '../../../src/lint/rules/index.ts';
import { filesIn, withFiles } from '../../../scripts/include-files.ts';
import { CI_FILES, readText, WORKFLOWS, workflowSteps } from '../../helpers/ci-files.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const directory = join(PROJECT_ROOT, 'docs/guides');
const guides = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
const { version } = JSON.parse(readText('package.json')) as { readonly version: string };

describe('files of examples/ci', () => {
  it('are all shown by a guide, as they are', () => {
    expect(guides.flatMap(filesIn).sort()).toEqual([...CI_FILES].sort());
    const found = readdirSync(join(PROJECT_ROOT, 'examples/ci'), { recursive: true, withFileTypes: true });
    expect(found.filter((entry) => entry.isFile())).toHaveLength(CI_FILES.length);
    for (const guide of guides) expect(withFiles(guide, readText)).toBe(guide);
  });

  it.each(CI_FILES.filter((path) => /\.ya?ml$/.test(path)))('%s is YAML, strictly', (path) => {
    const documents = parseAllDocuments(readText(path), { strict: true, uniqueKeys: true });
    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) {
      expect('errors' in document ? [...document.errors, ...document.warnings] : ['empty']).toEqual([]);
    }
  });

  it.each(CI_FILES)('%s names this version of slipway, where it names one', (path) => {
    const named = [...readText(path).matchAll(/slipway[@:](\d[\w.]*)/g)].map((match) => match[1]);
    expect(new Set([version, ...named])).toEqual(new Set([version]));
  });

  it.each(WORKFLOWS)('%s has our step between the builder and the build', (path) => {
    const names = workflowSteps(path).map(({ uses = 'run' }) => uses.replace(/@.*/, ''));
    const [builder, ours, build] = ['docker/setup-buildx-action', 'OWNER/slipway', 'docker/build-push-action'].map(
      (name) => names.indexOf(name),
    );
    expect([builder, ours, build]).toEqual([builder, ours, build].toSorted((a = 0, b = 0) => a - b));
    expect(builder).toBeGreaterThan(-1);
  });

  it.each(CI_FILES.filter((path) => /workflows|gitlab-ci/.test(path)))('lint has nothing to say of %s', (path) => {
    const module = ['Dockerfile', '.dockerignore', 'go.mod', 'go.sum', 'main.go'].map((name) => [
      name,
      readText(`examples/greeter/${name}`),
    ]);
    const place = path.replace(/^examples\/ci\/[^/]+\//, '');
    const tree = fileTreeOf({ ...(Object.fromEntries(module) as Record<string, string>), [place]: readText(path) });
    const facts = readRepositoryFacts(tree, { dockerfiles: ['Dockerfile'] });
    expect([facts.faults, facts.definitionProblems]).toEqual([[], []]);
    const findings = check(facts, RULES).filter(
      ({ file, severity }) => file === place && severity !== 'info' && severity !== 'low',
    );
    expect(findings).toEqual([]);
  });
});

describe('the release workflow', () => {
  const path = '.github/workflows/release.yml';
  const image = 'packaging/image/Dockerfile';

  it('is YAML, and lint has nothing to say of it and of the image', () => {
    expect(parseDocument(readText(path), { strict: true, uniqueKeys: true }).errors).toEqual([]);
    const tree = fileTreeOf({ [path]: readText(path), [image]: readText(image) });
    const facts = readRepositoryFacts(tree, { dockerfiles: [image] });
    expect([facts.faults, facts.definitionProblems]).toEqual([[], []]);
    expect(check(facts, RULES).filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  it('gives an identity to no job but the one that publishes', () => {
    const { jobs } = parse(readText(path)) as { readonly jobs: Readonly<Record<string, { permissions?: object }>> };
    const withIdentity = Object.entries(jobs).filter(([, { permissions = {} }]) => 'id-token' in permissions);
    expect(withIdentity.map(([name]) => name)).toEqual(['package']);
  });
});

describe('withFiles', () => {
  const shown = 'a\n\n<!-- examples/x.yml -->\n```yaml\nold\n```\n\nb\n```sh\nkept\n```\n';

  it('puts the text of a file below its comment, and leaves other blocks alone', () => {
    expect(withFiles(shown, (path) => `text of ${path} $& $1\n`)).toBe(
      shown.replace('old', () => 'text of examples/x.yml $& $1'),
    );
  });

  it('refuses a comment without a block', () => {
    expect(() => withFiles('<!-- examples/x.yml -->\ntext\n', () => '')).toThrow(/no code block/);
  });
});
