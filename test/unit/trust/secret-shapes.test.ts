import { describe, expect, it } from 'vitest';
import { findSecret, SECRET_SHAPES } from '../../../src/trust/secret-shapes.ts';

/** Put together here, so that this file holds nothing that another scanner takes for a secret. */
const join = (...parts: readonly string[]): string => parts.join('');
const letters = (count: number): string => 'aB3dE6gH1jK4mN7pQ0sT'.repeat(20).slice(0, count);
const hex = (count: number): string => '0123456789abcdef'.repeat(20).slice(0, count);
const upper = (count: number): string => 'QWERTYUIOPASDFGHJKLZ'.repeat(10).slice(0, count);

/** An example of each shape, in the order of the list. */
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['GitHub token', join('gh', 'p_', letters(36))],
  ['GitHub fine-grained token', join('github', '_pat_', letters(82))],
  ['GitLab token', join('gl', 'pat-', letters(20))],
  ['Atlassian token', join('ATA', 'TT3', letters(180))],
  ['Bitbucket app password', join('AT', 'BB', letters(32))],
  ['Buildkite token', join('bk', 'ua_', hex(40))],
  ['CircleCI token', join('CCI', 'PAT_', letters(22), '_', hex(40))],
  ['npm token', join('np', 'm_', letters(36))],
  ['npm credential', join('//registry.example.com/:_auth', 'Token=', letters(30))],
  ['PyPI token', join('py', 'pi-AgEIcHlwaS5vcmc', letters(60))],
  ['RubyGems key', join('ruby', 'gems_', hex(48))],
  ['crates.io token', join('c', 'io', letters(32))],
  ['JFrog key', join('AK', 'Cp', letters(69))],
  ['Docker Hub token', join('dckr', '_pat_', letters(27))],
  ['Docker credential', join('{"auths":{"r":{"au', 'th":"', letters(24), '"}}}')],
  ['AWS access key', join('AK', 'IA', upper(16))],
  ['AWS secret key', join('aws_secret_', 'access_key = ', letters(40))],
  ['AWS session token', join('AWS_SESSION_', 'TOKEN=', letters(120))],
  ['signed S3 URL', join('https://b.s3.amazonaws.com/k?X-Amz-', 'Signature=', hex(64))],
  ['Google API key', join('AI', 'za', letters(35))],
  ['Google OAuth token', join('ya', '29.', letters(60))],
  ['Google client secret', join('GOC', 'SPX-', letters(28))],
  ['Google service account', join('"private_', 'key_id": "', hex(40), '"')],
  ['signed Google URL', join('https://storage.googleapis.com/b/k?X-Goog-', 'Signature=', hex(128))],
  ['Azure storage key', join('Account', 'Key=', letters(86), '==')],
  ['Azure shared access signature', join('https://a.blob.core.windows.net/c?sv=1&s', 'ig=', letters(43), '%3D')],
  ['Azure client secret', join('abc', '8Q~', letters(34))],
  ['DigitalOcean token', join('dop', '_v1_', hex(64))],
  ['Heroku key', join('HR', 'KU-', letters(36))],
  ['Fly.io token', join('Fly', 'V1 fm2_', letters(60))],
  ['Databricks token', join('da', 'pi', hex(32))],
  ['HashiCorp Vault token', join('hv', 's.', letters(24))],
  ['Terraform token', join(letters(14), '.atlas', 'v1.', letters(67))],
  ['Pulumi token', join('pu', 'l-', hex(40))],
  ['Tailscale key', join('ts', 'key-auth-', letters(14))],
  ['Grafana token', join('gl', 'sa_', letters(32), '_', hex(8))],
  ['New Relic key', join('NR', 'AK-', upper(27))],
  ['Sentry token', join('sn', 'trys_', letters(60))],
  ['Slack token', join('xo', 'xb-', '123456789012-', letters(24))],
  ['Slack app token', join('xa', 'pp-1-A0123-456789-', hex(64))],
  ['Slack webhook', join('https://hooks.', 'slack.com/services/T00000000/B00000000/', letters(24))],
  ['Discord webhook', join('https://discord.com/api', '/webhooks/123456789012345678/', letters(68))],
  ['Telegram bot token', join('123456789', ':AA', letters(33))],
  ['Twilio key', join('S', 'K', hex(32))],
  ['SendGrid key', join('S', 'G.', letters(22), '.', letters(43))],
  ['Mailgun key', join('ke', 'y-', hex(32))],
  ['Mailchimp key', join(hex(32), '-u', 's12')],
  ['Stripe key', join('sk', '_live_', letters(24))],
  ['Stripe webhook secret', join('wh', 'sec_', letters(32))],
  ['Shopify token', join('shp', 'at_', hex(32))],
  ['Square token', join('sq', '0atp-', letters(22))],
  ['Linear key', join('lin', '_api_', letters(40))],
  ['Hugging Face token', join('h', 'f_', 'abcdefghij'.repeat(4).slice(0, 34))],
  ['OpenAI key', join('s', 'k-', letters(20), 'T3Blbk', 'FJ', letters(20))],
  ['slipway signing key', join('slipway-signing', '-key:', letters(44))],
  ['private key', join('-----BEGIN RSA PRI', 'VATE KEY-----\n', letters(64), '\n')],
  ['age key', join('AGE-SECRET-', 'KEY-1', upper(58))],
  ['JSON web token', join('ey', 'J', letters(20), '.ey', 'J', letters(40), '.', letters(43))],
  ['authorization header', join('Authorization: Bea', 'rer ', letters(24))],
  ['.netrc line', join('machine git.example.com login me pass', 'word ', letters(12))],
  ['URL with a password', join('https://me:', letters(12), '@proxy.example.com/')],
];

describe('findSecret', () => {
  it('has an example of each shape', () => {
    expect(EXAMPLES.map(([name]) => name)).toEqual(SECRET_SHAPES.map(({ name }) => name));
    expect(EXAMPLES.length).toBeGreaterThan(50);
  });

  it.each(EXAMPLES)('finds a %s in the middle of a text', (name, example) => {
    expect(findSecret(example)).toBe(name);
    expect(findSecret(`--- PASS: TestLogin (0.00s)\n    login_test.go:12: got "${example}"\nPASS\n`)).toBe(name);
  });

  it.each([
    [
      'headers of PEM in code',
      'if !strings.HasPrefix(s, "-----BEGIN PRIVATE KEY-----") {\n\treturn errors.New("no key")\n}\n',
    ],
    ['a public certificate', `-----BEGIN CERTIFICATE-----\n${letters(64)}\n-----END CERTIFICATE-----\n`],
    ['the key that AWS writes in its documents', join('AK', 'IAIOSFODNN7EXAMPLE')],
    ['a URL without a password', 'https://me@example.com/ http://[::1]:8080/a@b https://example.com:443/x@y'],
    ['a URL whose password is masked', 'https://me:***@example.com/ https://me:%s@example.com/ https://me:xxxxx@host'],
    ['sums', `h1:${letters(43)}= sha256:${hex(64)} ${hex(40)}`],
    ['an import path', 'github.com/a/b/internal/ghp_tokens'],
    ['a list of sources', './config.go\n./auth_token.go\n./password.go\n'],
    ['a variable that is filled elsewhere', '//registry.example.com/:_authToken=${NPM_TOKEN}'],
    ['a sentence about headers', 'authorization: the token is missing'],
  ])('finds nothing in %s', (_, text) => {
    expect(findSecret(text)).toBeUndefined();
  });

  it('takes a moment for a text of 1 MiB, whatever is in it', () => {
    const hard = [
      'eyJ',
      'a://b:',
      'machine a login b ',
      '-----BEGIN A B PRIVATE KEY-----\n\n',
      'authorization: ',
      'a'.repeat(64),
      'ghp_',
      '1',
      '0a',
    ];
    for (const piece of hard) {
      const text = piece.repeat(Math.ceil((1 << 20) / piece.length));
      const from = performance.now();
      findSecret(text);
      expect(performance.now() - from, JSON.stringify(piece)).toBeLessThan(3000);
    }
  });
});
