import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import {
  redact,
  rememberNetrc,
  rememberSecret,
  rememberSecretsOf,
  rememberSignatures,
} from '../../../src/core/redact.ts';

describe('redact', () => {
  it.each([
    ['a user and password in a URL', 'GET https://me:hunter2-of-mine@host/x failed', 'GET https://***@host/x failed'],
    ['a token as the user', 'https://0a1b2c3d4e5f@host/', 'https://***@host/'],
    [
      'a shared access signature',
      'https://a.example/c?sv=1&sig=abc%2Bdef%3D&se=2',
      'https://a.example/c?sv=1&sig=***&se=2',
    ],
    [
      'a presigned request',
      'PUT /k?X-Amz-Credential=AK%2F1&X-Amz-Signature=0a1b&x=1',
      'PUT /k?X-Amz-Credential=***&X-Amz-Signature=***&x=1',
    ],
    ['a presigned request of Google', '/k?X-Goog-Signature=0a1b', '/k?X-Goog-Signature=***'],
    [
      'a resumable session',
      '/upload/b?uploadType=resumable&upload_id=ABg5-xyz',
      '/upload/b?uploadType=resumable&upload_id=***',
    ],
    ['an API key', '/v1?key=AIzaExample&x=1', '/v1?key=***&x=1'],
    ['a bearer token', 'Authorization: Bearer abcdefgh.ijkl', 'Authorization: Bearer ***'],
    ['a header in lower case', 'authorization: basic bWU6c2VjcmV0', 'authorization: basic ***'],
    ['a header of GitHub', 'Authorization: token 0123456789', 'Authorization: token ***'],
    ['nothing', 'https://host/a@b?x=sig and basic authentication', 'https://host/a@b?x=sig and basic authentication'],
  ])('takes out %s', (_, text, wanted) => {
    expect(redact(text)).toBe(wanted);
  });

  it('takes out what variables with such names hold, and passwords in the URLs of any', () => {
    rememberSecretsOf({
      AWS_SECRET_ACCESS_KEY: 'value-1-of-a-variable',
      ACTIONS_RUNTIME_TOKEN: 'value-2-of-a-variable',
      REGISTRY_PASSWORD: 'value-3-of-a-variable',
      MY_API_KEY: 'value-4-of-a-variable\n',
      HTTPS_PROXY: 'http://me:value-5%2Fof-a-variable@proxy:3128',
      GOPROXY: 'https://a.example,https://value-6-of-a-variable@b.example',
      UNSET_TOKEN: undefined,
    });
    const said = Array.from({ length: 6 }, (_, i) => `value-${i + 1}-of-a-variable`).join(' ');
    expect(redact(said.replace('value-5-', 'value-5/'))).toBe('*** *** *** *** *** ***');
    expect(redact('value-5%2Fof-a-variable')).toBe('***');
  });

  it('leaves paths, switches and short values alone', () => {
    rememberSecretsOf({
      NETRC: '/home/me/.netrc',
      SSH_AUTH: './socket',
      USE_TOKEN: 'sometimes',
      MAX_TOKEN: '4096',
      NAME: 'a-plain-name',
    });
    const text = '/home/me/.netrc ./socket sometimes 4096 a-plain-name';
    expect(redact(text)).toBe(text);
  });

  it('takes out the passwords of a .netrc', () => {
    rememberNetrc(
      'machine a.example\n  login me\n  password netrc-pass-1\nmachine b.example login me password netrc-pass-2\n',
    );
    expect(redact('got netrc-pass-1, netrc-pass-2')).toBe('got ***, ***');
  });

  it('takes out a secret as URLs, forms and JSON write it', () => {
    const secret = 'a"b/c+d=e-written';
    rememberSecret(secret);
    expect(redact(`{"a":${JSON.stringify(secret)}} b=${encodeURIComponent(secret)}&c`)).toBe('{"a":"***"} b=***&c');
  });

  it('leaves no end of a secret that begins with another one', () => {
    rememberSecret('beginning');
    rememberSecret('beginning-and-end');
    expect(redact('beginning-and-end, beginning')).toBe('***, ***');
  });

  it('takes out what an Authorization makes of a login in a URL', () => {
    rememberSecretsOf({ HTTPS_PROXY: 'http://me:of%2Fthe-proxy@proxy:3128' });
    expect(redact(`said ${Buffer.from('me:of/the-proxy').toString('base64')}`)).toBe('said ***');
  });

  it('takes out the signatures of addresses that were given, and leaves the rest of them', () => {
    rememberSignatures(
      new URL('https://a.example/b?X-Amz-Signature=signed-by-amazon&sv=some-version&sig=signed%2Bby-azure'),
    );
    expect(redact('signed-by-amazon signed+by-azure signed%2Bby-azure some-version')).toBe('*** *** *** some-version');
  });

  it('holds for every level of the logger', () => {
    rememberSecretsOf({ A_TOKEN: 'logged-token-value' });
    const lines: string[] = [];
    const logger = createLogger((_, line) => lines.push(line), true);
    for (const level of ['debug', 'info', 'warning', 'error'] as const) logger[level]('it is logged-token-value');
    expect(lines).toEqual(Array.from({ length: 4 }, () => 'it is ***'));
  });
});
