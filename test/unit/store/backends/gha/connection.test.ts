import { describe, expect, it, test } from 'vitest';
import { SlipwayError } from '../../../../../src/core/errors.ts';
import { redact } from '../../../../../src/core/redact.ts';
import { readConnection } from '../../../../../src/store/backends/gha/connection.ts';
import type { GhaStoreSpec } from '../../../../../src/store/spec/gha.ts';

const JOB = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  ACTIONS_RESULTS_URL: 'https://results-receiver.actions.githubusercontent.com/',
  ACTIONS_RUNTIME_TOKEN: 'a-token-of-a-job',
};

const read = (env: Record<string, string | undefined>, spec: Partial<GhaStoreSpec> = {}) =>
  readConnection({ type: 'gha', ...spec }, env);

function errorOf(env: Record<string, string | undefined>, spec: Partial<GhaStoreSpec> = {}): SlipwayError {
  const connection = read(env, spec);
  if (connection instanceof SlipwayError) return connection;
  throw new Error('it is connected');
}

describe('readConnection', () => {
  it('takes the address and the token of the job, and the token is a secret from then on', () => {
    const connection = read(JOB);
    expect(connection).toMatchObject({ token: 'a-token-of-a-job', refusal: {} });
    expect(String((connection as { url: URL }).url)).toBe(JOB.ACTIONS_RESULTS_URL);
    expect(redact('it was a-token-of-a-job')).toBe('it was ***');
  });

  it('takes those of the spec before them', () => {
    const connection = read(JOB, { url: 'http://127.0.0.1:9/base', token: 'another-token' });
    expect(connection).toMatchObject({ token: 'another-token' });
    expect(String((connection as { url: URL }).url)).toBe('http://127.0.0.1:9/base/');
  });

  test.each([
    [{ ACTIONS_RUNTIME_TOKEN: undefined }, '`ACTIONS_RUNTIME_TOKEN`, which is not set'],
    [{ ACTIONS_RESULTS_URL: '' }, '`ACTIONS_RESULTS_URL`, which is not set'],
    [
      { ACTIONS_RUNTIME_TOKEN: undefined, ACTIONS_RESULTS_URL: undefined },
      '`ACTIONS_RUNTIME_TOKEN` and `ACTIONS_RESULTS_URL`, which are not set',
    ],
  ])('%j: says what is missing, and that `run:` steps do not have it', (changes, message) => {
    const error = errorOf({ ...JOB, ...changes });
    expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED', message: expect.stringContaining(message) });
    expect(error.hint).toContain('JavaScript actions only, not to `run:` steps');
    expect(error.hint).toContain('crazy-max/ghaction-github-runtime');
  });

  it('says that there is none outside of jobs', () => {
    expect(errorOf({}).hint).toContain('jobs of GitHub Actions only');
  });

  test.each([
    ['https://github.example.com', true],
    ['https://github.com', false],
    ['https://team.ghe.com', false],
    ['http://github.localhost', false],
    ['not a URL', false],
  ])('on %s there is %s', (server, isEnterpriseServer) => {
    const connection = read({ ...JOB, GITHUB_SERVER_URL: server });
    expect(connection instanceof SlipwayError).toBe(isEnterpriseServer);
    if (!isEnterpriseServer) return;
    expect(connection).toMatchObject({ message: expect.stringContaining('version 1 of the cache service only') });
    // A service of their own may well speak version 2.
    expect(read({ ...JOB, GITHUB_SERVER_URL: server }, { url: 'https://cache.example.com' })).toHaveProperty('token');
  });

  test.each(['no url', 'ftp://x/', 'file:///etc/hostname'])('refuses the address `%s`', (url) => {
    expect(errorOf({ ...JOB, ACTIONS_RESULTS_URL: url })).toMatchObject({ code: 'STORE_FAILED' });
  });

  it('keeps the cache mode of the job', () => {
    expect(read({ ...JOB, ACTIONS_CACHE_MODE: ' Read ' })).toMatchObject({
      refusal: { write: expect.stringContaining('`read`') },
    });
  });
});
