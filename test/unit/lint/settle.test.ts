import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { generatorOf } from '../../../src/lint/generated.ts';
import { settle, UNUSED_IGNORE } from '../../../src/lint/settle.ts';
import { isDockerfileName } from '../../../src/lint/dockerfile-names.ts';
import type { Finding, Severity } from '../../../src/lint/types.ts';
import { dedent } from '../../helpers/lint-rule.ts';

const KNOWN = ['rule-one', 'rule-two'];

function findingAt(text: string, piece: string, more: Partial<Finding> = {}): Finding {
  const start = text.indexOf(piece);
  return {
    ruleId: 'rule-one',
    file: 'Dockerfile',
    range: { start, end: start + piece.length },
    severity: 'high',
    confidence: 'high',
    message: 'm',
    cost: 'c',
    ...more,
  };
}

function settleIn(
  text: string,
  findings: readonly Finding[],
  more: { file?: string; severities?: ReadonlyMap<string, Severity>; enabled?: readonly string[] } = {},
): readonly Finding[] {
  const file = more.file ?? 'Dockerfile';
  return settle(findings, {
    files: fileTreeOf({ [file]: text }),
    subjects: [file],
    isDockerfile: isDockerfileName,
    known: KNOWN,
    enabled: new Set(more.enabled ?? KNOWN),
    severities: more.severities ?? new Map(),
  });
}

const TEXT = dedent(`
  FROM golang:1.26
  # slipway ignore=rule-one cold on purpose
  RUN go build
  # slipway ignore=rule-one,rule-two
  # more words
  RUN go vet && \\
      # slipway ignore=rule-two inside
      go test
  RUN go install
`);

describe('suppressions', () => {
  it('hold for the instruction below, or around them', () => {
    const findings = [
      findingAt(TEXT, 'go build'),
      findingAt(TEXT, 'go vet'),
      findingAt(TEXT, 'go test', { ruleId: 'rule-two' }),
      findingAt(TEXT, 'go install'),
    ];
    expect(settleIn(TEXT, findings).map(({ range }) => TEXT.slice(range.start, range.end))).toEqual(['go install']);
  });

  it('that nothing needs are told, each id at its place', () => {
    const left = settleIn(TEXT, [findingAt(TEXT, 'go vet'), findingAt(TEXT, 'go test', { ruleId: 'rule-two' })]);
    expect(left.map(({ ruleId, range }) => [ruleId, range.start])).toEqual([[UNUSED_IGNORE, TEXT.indexOf('rule-one')]]);
    expect(left[0]?.message).toContain('`rule-one`');
  });

  it('take several ids, with spaces or without', () => {
    const text = 'FROM a\n# slipway ignore=rule-one , rule-two,not-followed why, so\nRUN x\n';
    const ids = ['rule-one', 'rule-two', 'not-followed'];
    expect(
      settleIn(
        text,
        ids.map((ruleId) => findingAt(text, 'x', { ruleId })),
      ),
    ).toEqual([]);
    expect(settleIn(text, []).map(({ range }) => text.slice(range.start, range.end))).toEqual(['rule-one', 'rule-two']);
  });

  it('of a rule that is off are not told', () => {
    const text = 'FROM a\n# slipway ignore=rule-two\nRUN x\n';
    expect(settleIn(text, [], { enabled: ['rule-one'] })).toEqual([]);
    expect(settleIn(text, [])).toHaveLength(1);
  });

  it('above everything hold for the file', () => {
    const text = '# slipway ignore=rule-one we know\nFROM a\nRUN x\nRUN y\n';
    expect(settleIn(text, [findingAt(text, 'x'), findingAt(text, 'y')])).toEqual([]);
  });

  it.each([
    ['above a line', 'on: push\n# slipway ignore=rule-one why\njobs: {}\n'],
    ['behind a line', 'on: push\njobs: {} # slipway ignore=rule-one why\n'],
    ['at the top', '# slipway ignore=rule-one why\n\non: push\njobs: {}\n'],
    ['with Windows line ends', 'on: push\r\n# slipway ignore=rule-one why\r\njobs: {}\r\n'],
  ])('in other files: %s', (_, text) => {
    const file = '.github/workflows/a.yml';
    expect(settleIn(text, [findingAt(text, 'jobs', { file })], { file })).toEqual([]);
  });

  it('in other files do not hold further down', () => {
    const file = 'docker-bake.hcl';
    const text = 'a = 1\n// slipway ignore=rule-one\n\nb = 2\n';
    expect(settleIn(text, [findingAt(text, 'b', { file })], { file }).map(({ ruleId }) => ruleId)).toEqual([
      'rule-one',
      UNUSED_IGNORE,
    ]);
  });

  it('of an unknown rule are an error with the nearest word and the line', () => {
    expect(() => settleIn('FROM a\n\n# slipway ignore=rule-tow\nRUN x\n', [])).toThrowError(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: 'Dockerfile:3: no rule is called `rule-tow`',
        hint: 'Did you mean `rule-two`?',
      }),
    );
  });
});

describe('fixes', () => {
  const unsafe = { isSafe: false, title: 't', edits: [] };
  const safe = { isSafe: true, title: 't', edits: [] };

  it('that are unsafe are not offered where a comment says why', () => {
    const text = 'FROM a\n# do not use the cache here, the tests rely on cold builds\nRUN x\n# builds the app\nRUN y\n';
    const [first, second, third] = settleIn(text, [
      findingAt(text, 'RUN x', { fix: unsafe }),
      findingAt(text, 'RUN x', { fix: safe, ruleId: 'rule-two' }),
      findingAt(text, 'RUN y', { fix: unsafe }),
    ]);
    expect(first?.fix).toBeUndefined();
    expect(second?.fix).toBeDefined();
    expect(third?.fix).toBeDefined();
  });

  it.each([
    ['# Code generated by tool-x; DO NOT EDIT.\nFROM a\n', 'tool-x'],
    [
      '#\n# NOTE: THIS DOCKERFILE IS GENERATED VIA "apply-templates.sh"\n#\n# PLEASE DO NOT EDIT IT DIRECTLY.\nFROM a\n',
      '',
    ],
    ['# DO_NOT_EDIT\n# generated from Dockerfile.in\nFROM a\n', 'Dockerfile.in'],
    ['# syntax=docker/dockerfile:1\n# This file is generated by make dockerfiles. DO NOT EDIT\nFROM a\n', 'make'],
  ])('are not made in generated files: %j', (text, generator) => {
    const [finding] = settleIn(text, [findingAt(text, 'FROM', { fix: safe })]);
    expect(finding?.fix).toBeUndefined();
    expect(finding?.generator).toBe(generator);
  });

  it('are made where the words are no marker', () => {
    expect(generatorOf('FROM a\nRUN echo "# Code generated by x. DO NOT EDIT." > y\n')).toBeUndefined();
    expect(generatorOf(`${'# a\n'.repeat(100)}# Code generated by x. DO NOT EDIT.\n`)).toBeUndefined();
  });
});

it('weighs findings as the configuration says', () => {
  const [finding] = settleIn('FROM a\n', [findingAt('FROM a\n', 'FROM')], {
    severities: new Map([['rule-one', 'info']]),
  });
  expect(finding?.severity).toBe('info');
});
