import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import type { ImageBuild } from '../../../../src/lint/facts/image-build.ts';
import { fixRepository, type FixOutcome } from '../../../../src/lint/fix/fix-repository.ts';
import { keepsInstructions } from '../../../../src/lint/fix/verify-fix.ts';
import type { BuildRule, Edit, RepositoryRule, Severity } from '../../../../src/lint/types.ts';

/** A rule that finds a word in the file and mends it as told. */
function wordRule(
  id: string,
  word: string,
  edit: (build: ImageBuild, range: { start: number; end: number }) => readonly Edit[],
  more: { isSafe?: boolean; severity?: Severity } = {},
): BuildRule {
  return {
    id,
    number: 1,
    subject: 'build',
    group: 'cache',
    severity: more.severity ?? 'high',
    fix: 'safe',
    summary: id,
    check: (build) =>
      [...build.text.matchAll(new RegExp(`\\b${word}\\b`, 'g'))].map(({ index }) => {
        const range = { start: index, end: index + word.length };
        const fix = { isSafe: more.isSafe ?? true, title: 't', edits: edit(build, range) };
        return {
          file: build.file,
          range,
          message: `${word} at ${build.text.slice(0, index).split('\n').length}`,
          cost: 'c',
          fix,
        };
      }),
  };
}

const replaceBy =
  (text: string) =>
  (build: ImageBuild, range: { start: number; end: number }): readonly Edit[] => [
    { kind: 'replace', file: build.file, range, text },
  ];

function fix(text: string | Record<string, string>, rules: readonly BuildRule[], withUnsafe = false): FixOutcome {
  const files = typeof text === 'string' ? { Dockerfile: text } : text;
  return fixRepository(fileTreeOf(files), { rules, reading: { dockerfiles: Object.keys(files) }, withUnsafe });
}

describe('fixRepository', () => {
  it('applies fixes of several rules and files together', () => {
    const rules = [wordRule('a', 'one', replaceBy('1')), wordRule('b', 'two', replaceBy('2'))];
    const outcome = fix({ Dockerfile: 'FROM x\nRUN one two\nRUN one\n', 'b.Dockerfile': 'FROM x\nRUN two\n' }, rules);
    expect(Object.fromEntries(outcome.texts)).toEqual({
      Dockerfile: 'FROM x\nRUN 1 2\nRUN 1\n',
      'b.Dockerfile': 'FROM x\nRUN 2\n',
    });
    expect(outcome.fixed).toHaveLength(4);
    expect(outcome.remaining).toEqual([]);
  });

  it('does fixes that meet one after the other, the heavier first', () => {
    const rules = [
      wordRule('light', 'one two', replaceBy('three'), { severity: 'low' }),
      wordRule('heavy', 'two', replaceBy('one two three'.slice(0, 3)), { severity: 'high' }),
    ];
    expect(fix('FROM x\nRUN one two\n', rules).texts.get('Dockerfile')).toBe('FROM x\nRUN one one\n');
  });

  it('leaves unsafe fixes unless asked', () => {
    const rules = [wordRule('a', 'one', replaceBy('1'), { isSafe: false })];
    expect(fix('FROM x\nRUN one\n', rules).texts.size).toBe(0);
    expect(fix('FROM x\nRUN one\n', rules, true).texts.get('Dockerfile')).toBe('FROM x\nRUN 1\n');
  });

  it.each([
    ['leaves its own finding', replaceBy('one ')],
    ['brings a new finding', replaceBy('two')],
    ['brings an instruction that it did not announce', replaceBy('1\nUSER 5')],
    ['breaks the file', replaceBy('1\nNONSENSE')],
    [
      'can not be applied',
      (build: ImageBuild): readonly Edit[] => [{ kind: 'remove-instruction', file: build.file, at: 3 }],
    ],
  ])('does not make a fix that %s, and makes the others', (_, edit) => {
    const rules = [
      wordRule('bad', 'one', edit),
      wordRule('witness', 'two', () => []),
      wordRule('good', 'three', replaceBy('3')),
    ];
    const outcome = fix('FROM x\nRUN one\nRUN three\n', rules);
    expect(outcome.texts.get('Dockerfile')).toBe('FROM x\nRUN one\nRUN 3\n');
    expect(outcome.refused.map(({ ruleId }) => ruleId)).toEqual(['bad']);
  });

  it('takes a lighter finding along that the next round mends', () => {
    const rules = [
      wordRule('heavy', 'one', replaceBy('two')),
      wordRule('light', 'two', replaceBy('2'), { severity: 'low' }),
    ];
    expect(fix('FROM x\nRUN one\n', rules).texts.get('Dockerfile')).toBe('FROM x\nRUN 2\n');
  });

  it('refuses a fix after which a definition can not be read any more, though its finding is gone', () => {
    const workflow = '.github/workflows/ci.yml';
    const files = { Dockerfile: 'FROM scratch\n', [workflow]: 'on: push\njobs: {}\n' };
    const rule: RepositoryRule = {
      ...wordRule('a', 'x', () => []),
      subject: 'repository',
      check: ({ tree }) => {
        const range = { start: 0, end: 2 };
        const edits: readonly Edit[] = [{ kind: 'replace', file: workflow, range, text: '"a' }];
        if (tree.read(workflow)?.startsWith('on') !== true) return [];
        return [{ file: workflow, range, message: 'm', cost: 'c', fix: { isSafe: true, title: 't', edits } }];
      },
    };
    const outcome = fixRepository(fileTreeOf(files), {
      rules: [rule],
      reading: { dockerfiles: ['Dockerfile'] },
      withUnsafe: false,
    });
    expect([...outcome.texts]).toEqual([]);
    expect(outcome.refused.map(({ ruleId }) => ruleId)).toEqual(['a']);
  });

  it('ends when fixes undo each other', () => {
    const rules = [wordRule('a', 'one', replaceBy('two')), wordRule('b', 'two', replaceBy('one'))];
    expect(fix('FROM x\nRUN one\n', rules).remaining).toHaveLength(1);
  });
});

describe('keepsInstructions', () => {
  const text = 'FROM x\nARG A\nRUN one\n';
  const file = 'Dockerfile';
  const edit: Edit = { kind: 'replace', file, range: { start: 18, end: 21 }, text: '1' };

  it.each([
    ['the announced change', text.replace('one', '1'), [edit], true],
    ['another instruction changed', text.replace('one', '1').replace('ARG A', 'ARG B'), [edit], false],
    ['an instruction lost', 'FROM x\nRUN 1\n', [edit], false],
    [
      'an instruction moved that was not announced',
      'FROM x\nRUN 1\nARG A\n',
      [{ ...edit, range: { start: 7, end: 21 } }],
      false,
    ],
    [
      'an announced line',
      'FROM x\nENV B=1\nARG A\nRUN one\n',
      [{ kind: 'insert-before', file, at: 7, lines: ['ENV B=1'] }],
      true,
    ],
    [
      'a line too many',
      'FROM x\nENV B=1\nENV C=1\nARG A\nRUN one\n',
      [{ kind: 'insert-before', file, at: 7, lines: ['ENV B=1'] }],
      false,
    ],
    ['an announced move', 'FROM x\nRUN one\nARG A\n', [{ kind: 'move-before', file, instructions: [7], at: 14 }], true],
    ['a file that does not parse', 'FROM x\nARG A\nRUM 1\n', [edit], false],
  ] as const)('%s: %j', (_, after, edits, isKept) => {
    expect(keepsInstructions(text, after, edits as readonly Edit[])).toBe(isKept);
  });
});
