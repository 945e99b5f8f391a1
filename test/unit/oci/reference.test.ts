import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatReference, isTag, parseReference } from '../../../src/oci/reference.ts';

type Case = readonly [
  text: string,
  parts: readonly [host: string, repository: string, tag: string, digest: string] | null,
];

/** What github.com/distribution/reference v0.6.0 answers. */
const CASES = JSON.parse(readFileSync(join(import.meta.dirname, 'reference-cases.json'), 'utf8')) as Case[];

describe('parseReference', () => {
  test.each(CASES)('%j', (text, parts) => {
    const result = parseReference(text);
    if (parts === null) {
      expect(result).toMatchObject({ ok: false, problem: expect.any(String) });
      return;
    }
    const [host, repository, tag, digest] = parts;
    expect(result).toEqual({
      ok: true,
      reference: { host, repository, ...(tag && { tag }), ...(digest && { digest }) },
    });
  });

  test('what is formatted reads back as itself', () => {
    const good = CASES.filter(([, parts]) => parts !== null);
    expect(good.length).toBeGreaterThan(30);
    for (const [text] of good) {
      const first = parseReference(text);
      if (first.ok) expect(parseReference(formatReference(first.reference))).toEqual(first);
    }
  });
});

test.each([
  ['latest', true],
  ['_x', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['-a', false],
  ['a/b', false],
  ['', false],
])('isTag(%j) is %s', (text, expected) => expect(isTag(text)).toBe(expected));
