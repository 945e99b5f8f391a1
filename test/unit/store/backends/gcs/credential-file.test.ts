import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redact } from '../../../../../src/core/redact.ts';
import { openCredentialFile } from '../../../../../src/store/backends/gcs/credential-file.ts';
import { tokenError } from '../../../../../src/store/backends/gcs/google-token-error.ts';
import { fakeFetch } from '../../../../helpers/fake-fetch.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-google-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const { signal } = new AbortController();

it("a runner's own token is known to redact before a service can repeat it", async () => {
  const file = path.join(directory, 'subject');
  await writeFile(file, 'subject+token/of-the-runner');
  const { fetch, seen } = fakeFetch(() => ({
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: 'invalid_grant', error_description: 'no such subject+token/of-the-runner' }),
  }));
  const text = JSON.stringify({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: { file },
  });
  const source = openCredentialFile('ci.json', text, { fetch, nowMs: () => Date.now() });
  const error = await source.fetchToken(signal).catch((thrown: unknown) => tokenError(thrown, source.description));
  expect(error).toMatchObject({ message: expect.stringContaining('invalid_grant: no such ***') });
  expect(seen).toHaveLength(1);
});

it('so is the token that it gave, before the service is asked whom it stands for', async () => {
  const { fetch } = fakeFetch((url) => ({
    status: url.host === 'sts.googleapis.com' ? 200 : 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      url.host === 'sts.googleapis.com'
        ? {
            access_token: 'exchanged-token-of-the-runner',
            token_type: 'Bearer',
            expires_in: 60,
            issued_token_type: 'x',
          }
        : { error: { message: 'exchanged-token-of-the-runner may not' } },
    ),
  }));
  await writeFile(path.join(directory, 'other'), 'another-subject-token');
  const text = JSON.stringify({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url:
      'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ci@app.iam.gserviceaccount.com:generateAccessToken',
    credential_source: { file: path.join(directory, 'other') },
  });
  const source = openCredentialFile('ci.json', text, { fetch, nowMs: () => Date.now() });
  await expect(source.fetchToken(signal)).rejects.toThrow('may not');
  expect(redact('exchanged-token-of-the-runner another-subject-token')).toBe('*** ***');
});
