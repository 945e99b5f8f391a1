import { describe, expect, test } from 'vitest';
import { rememberSecret } from '../../../src/core/redact.ts';
import { failedAnswer, isTaken, parseRetryAfter, plainText } from '../../../src/oci/answer.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test.each([
  [null, undefined],
  ['0', 0],
  ['7', 7],
  ['9999', 9999],
  ['Thu, 01 Jan 2026 00:00:05 GMT', 5],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['2026', 2026],
  ['99999999999999999999', undefined],
  ['', undefined],
])('Retry-After %j is %s', (value, expected) => expect(parseRetryAfter(value, NOW)).toBe(expected));

test.each([
  [400, 'STORE_FAILED', false],
  [401, 'STORE_UNAUTHENTICATED', false],
  [403, 'STORE_DENIED', false],
  [404, 'STORE_FAILED', false],
  [405, 'STORE_FAILED', false],
  [408, 'STORE_FAILED', true],
  [429, 'STORE_RATE_LIMITED', true],
  [500, 'STORE_FAILED', true],
  [501, 'STORE_FAILED', false],
  [502, 'STORE_FAILED', true],
  [503, 'STORE_FAILED', true],
  [504, 'STORE_FAILED', true],
  [505, 'STORE_FAILED', false],
])('%i is %s, retryable: %s', async (status, code, retryable) => {
  const response = new Response('<p>not for a terminal\u001b[31m</p>', { status, headers: { 'retry-after': '3' } });
  Object.defineProperty(response, 'url', { value: 'https://r.example.com/v2/' });
  const error = await failedAnswer(response, { what: 'do it', permission: 'push', nowMs: NOW });
  expect(error).toMatchObject({ code, retryable, retryAfterSeconds: 3 });
  expect(error.message).toBe(`\`r.example.com\` refused to do it: ${status}`);
});

test('a text that is cut off keeps no beginning of a secret', () => {
  rememberSecret('told-by-a-careless-server');
  expect(plainText(`${'x'.repeat(290)} told-by-a-careless-server`)).toBe(`${'x'.repeat(290)} ***`);
});

describe('isTaken', () => {
  test.each([
    [201, {}, true],
    [200, { 'docker-content-digest': 'sha256:00' }, true],
    [204, { location: '/v2/app/blobs/sha256:00' }, true],
    [200, {}, false],
    [204, {}, false],
    [201, { 'content-type': 'text/html' }, false],
    [202, {}, false],
    [500, { location: '/x' }, false],
  ] as const)('%i with %j: %s', (status, headers, isIt) => {
    expect(isTaken(new Response(null, { status, headers }))).toBe(isIt);
  });
});
