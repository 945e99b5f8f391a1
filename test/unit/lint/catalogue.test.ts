import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { check } from '../../../src/lint/check.ts';
import { isDockerfileName } from '../../../src/lint/dockerfile-names.ts';
import { readRepositoryFacts } from '../../../src/lint/facts/read-repository.ts';
import { RULES } from '../../../src/lint/rules/index.ts';
import { formatRuleIndex, formatRulePage } from '../../../scripts/rule-index.ts';
import { CATALOGUE, type CatalogueEntry } from '../../helpers/catalogue.ts';
import { readRulePage } from '../../helpers/rule-page.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const idsIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(PROJECT_ROOT, folder))
    .filter((file) => file.endsWith(ending) && file !== 'index.ts' && file !== 'README.md')
    .map((file) => file.slice(0, -ending.length))
    .sort();

describe('the catalogue', () => {
  it('has 57 rules with 55 numbers', () => {
    expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(57);
    expect(new Set(CATALOGUE.map(({ number }) => number)).size).toBe(55);
  });

  it('is complete: each rule is there under one name in three places', () => {
    const ids = CATALOGUE.map(({ id }) => id).sort();
    expect(idsIn('src/lint/rules', '.ts')).toEqual(ids);
    expect(idsIn('docs/rules', '.md')).toEqual(ids);
    expect(idsIn('test/unit/lint/rules', '.test.ts')).toEqual(ids);
  });

  it('is what the index and the page of all rules hold', async () => {
    expect(read('src/lint/rules/index.ts').replace(/\s/g, '').replaceAll(',]', ']')).toBe(
      (await formatRuleIndex()).replace(/\s/g, '').replaceAll(',]', ']'),
    );
    expect(read('docs/rules/README.md')).toBe(await formatRulePage());
  });

  it('is told by no rule of another one', () => {
    const wrong = idsIn('src/lint/rules', '.ts').filter((id) =>
      [...read(`src/lint/rules/${id}.ts`).matchAll(/from '(?<path>[^']+)'/g)].some((match) =>
        /^\.\/|\/rules\//.test(match.groups?.['path'] ?? ''),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe.each(CATALOGUE)('$id', (entry) => {
  const rule = RULES.find(({ id }) => id === entry.id);

  it('is what the catalogue says', () => {
    const { id, number, group, severity, fix } = rule ?? {};
    expect({ id, number, group, severity, fix }).toEqual(entry);
    expect(rule?.summary).toMatch(/^\S.{10,100}[^.]$/);
  });

  it('has a page with its four sections', () => {
    const path = `docs/rules/${entry.id}.md`;
    expect(existsSync(join(PROJECT_ROOT, path))).toBe(true);
    const page = readRulePage(read(path));
    expect(page.title).toBe(entry.id);
    expect(page.sections).toEqual(['Output', 'Why', 'Examples', 'Fix']);
    for (const section of page.sections) expect(page.textOf(section).length, section).toBeGreaterThan(10);
  });

  it('finds the bad examples of its page, and nothing in the good ones', () => {
    const { examples } = readRulePage(read(`docs/rules/${entry.id}.md`));
    expect(new Set(examples.map(({ kind }) => kind))).toEqual(new Set(['bad', 'good']));
    for (const { kind, files } of examples) {
      const found = findIn(entry, files);
      if (kind === 'bad') expect(found, JSON.stringify(files)).not.toEqual([]);
      else expect(found, JSON.stringify(files)).toEqual([]);
    }
  });

  it('is silent about a file without Go and about the smallest build', () => {
    expect(findIn(entry, { Dockerfile: 'FROM alpine:3.22\nCMD ["true"]\n' })).toEqual([]);
    expect(findIn(entry, { Dockerfile: 'FROM scratch\n' })).toEqual([]);
    expect(findIn(entry, {})).toEqual([]);
  });
});

function findIn({ id }: CatalogueEntry, files: Readonly<Record<string, string>>): readonly string[] {
  const tree = fileTreeOf(files);
  const facts = readRepositoryFacts(tree, { dockerfiles: Object.keys(files).filter(isDockerfileName) });
  expect(facts.faults).toEqual([]);
  return check(
    facts,
    RULES.filter((rule) => rule.id === id),
  ).map(({ file, message }) => `${file}: ${message}`);
}
