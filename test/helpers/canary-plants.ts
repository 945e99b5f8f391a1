import path from 'node:path';
import { plainSecret } from './canaries.ts';
import type { CanaryGround } from './canary-ground.ts';
import { google, signing, signingFile, valueOf } from './canary-secrets.ts';

/** Variables of all runs; the proxy is the world's. */
export function canaryEnv(ground: CanaryGround, proxy: string): Readonly<Record<string, string>> {
  return {
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: `http://ci:${encodeURIComponent(valueOf('proxyPassword'))}@${proxy}`,
    NO_PROXY: '127.0.0.1,localhost',
    // The world's certificate is nobody's.
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
    AWS_ACCESS_KEY_ID: 'AKIDCANARY',
    AWS_SECRET_ACCESS_KEY: valueOf('awsKey'),
    AWS_EC2_METADATA_DISABLED: 'true',
    ACTIONS_RUNTIME_TOKEN: valueOf('runtimeToken'),
    ACTIONS_RESULTS_URL: 'https://results.example.com/',
    GITHUB_TOKEN: valueOf('githubToken'),
    SLIPWAY_SIGNING_KEY: signing.fileText,
    MODULES_FROM: `https://ci:${encodeURIComponent(valueOf('argumentUrl'))}@modules.example.com`,
    FOR_THE_BUILD: valueOf('variable'),
    GITHUB_OUTPUT: path.join(ground.left, 'github-output'),
    GITHUB_STEP_SUMMARY: path.join(ground.left, 'github-summary'),
  };
}

/** Files where tools and people keep secrets, each as its owner writes it. */
export async function plantCanaries(ground: CanaryGround): Promise<void> {
  const auth = Buffer.from(`ci:${valueOf('dockerPassword')}`).toString('base64');
  const helper = [
    '#!/bin/sh',
    `printf %s "$GITHUB_TOKEN" | sha256sum > ${ground.left}/helper-saw`,
    `cat <<'EOF'\n${JSON.stringify({ Username: 'ci', Secret: valueOf('helperSecret') })}\nEOF`,
    '',
  ];
  const identity = (host: string, subject: string): string =>
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `https://${host}/token`,
      credential_source: { file: subject },
    });
  const subject = await ground.plant('keys/subject', valueOf('subjectToken'));
  await Promise.all([
    ground.plant('bin/docker-credential-canary', helper.join('\n'), 0o755),
    ground.plant(
      'home/.docker/config.json',
      JSON.stringify({
        auths: {
          'basic.example.com': { auth },
          'identity.example.com': { identitytoken: valueOf('identityToken') },
          'given.example.com': { registrytoken: valueOf('registryToken') },
        },
        credHelpers: { 'helper.example.com': 'canary' },
      }),
    ),
    ground.plant('home/.netrc', `machine modules.example.com login ci password ${valueOf('netrc')}\n`),
    ground.plant(
      'home/.aws/credentials',
      `[ci]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = ${plainSecret(40)}\naws_session_token = ${valueOf('profileToken')}\n`,
    ),
    ground.plant(
      'home/.config/gcloud/application_default_credentials.json',
      JSON.stringify({
        type: 'authorized_user',
        client_id: 'canary.apps.googleusercontent.com',
        client_secret: valueOf('clientSecret'),
        refresh_token: valueOf('refreshToken'),
      }),
    ),
    ground.plant(
      'keys/google.json',
      JSON.stringify({
        type: 'service_account',
        private_key: google,
        client_email: 'ci@tests.iam.gserviceaccount.com',
        token_uri: 'https://oauth2.googleapis.com/token',
      }),
    ),
    ground.plant('keys/refused.json', identity('refusing.example.com', subject)),
    ground.plant('keys/exchanged.json', identity('exchanging.example.com', subject)),
    ground.plant('keys/signing-key', signingFile.fileText),
    ground.plant('keys/file', valueOf('file')),
    ground.plant('keys/printed', valueOf('printed')),
    ground.plant('keys/printed-token', valueOf('printedToken')),
    ground.plant('keys/linked', valueOf('linked')),
    ground.plant('app/.git-credentials', `https://ci:${valueOf('context')}@github.com\n`),
    ground.plant('app/.git/HEAD', 'ref: refs/heads/main\n'),
    ground.plant(
      'app/.git/config',
      `[remote "origin"]\n\turl = https://x-access-token:${valueOf('origin')}@github.com/Canaries/App.git\n`,
    ),
    ground.plant('configured/.slipway.yaml', `store: "type=gha,token=${valueOf('configToken')}"\n`),
    ground.plant(
      'linted/Dockerfile',
      `FROM golang:1.26\nENV GOPROXY=https://ci:${valueOf('dockerfile')}@modules.example.com\nCOPY . .\nRUN go build -o /app .\n`,
    ),
    ground.plant('linted/go.mod', 'module example.com/linted\n\ngo 1.26\n'),
  ]);
}
