import { generateKeyPairSync } from 'node:crypto';
import { newSigningKey, type SigningKey } from '../../src/trust/key-text.ts';
import { awkwardSecret, plainSecret, type Canary } from './canaries.ts';

interface NewKey {
  readonly key: SigningKey;
  readonly fileText: string;
}

/** A key in the environment, and one in a file. */
export const signing: NewKey = newSigningKey();
export const signingFile: NewKey = newSigningKey();

/** The private key of a service account, PEM. */
export const google: string = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const seedOf = (text: string): string => /^slipway-signing-key:\w+:(.*)$/m.exec(text)?.[1] ?? '';

/** Every secret of the runs, by what it is called here and what it stands for. */
export const KINDS = {
  awsKey: 'AWS_SECRET_ACCESS_KEY',
  awsToken: 'AWS_SESSION_TOKEN',
  profileToken: "session token of a profile in AWS's credentials file",
  runtimeToken: 'ACTIONS_RUNTIME_TOKEN',
  specToken: '`token=` of a `type=gha` store on the command line',
  signedUrl: "signature in an address that GitHub's cache gives",
  redirect: 'signature in a redirect of a registry',
  githubToken: 'GITHUB_TOKEN',
  dockerPassword: "password in docker's config.json",
  helperSecret: 'answer of a credential helper',
  identityToken: "`identitytoken` in docker's config.json",
  registryToken: "`registrytoken` in docker's config.json",
  bearerToken: 'token that a token server gives',
  googleKey: 'private key of a Google service account',
  clientSecret: "`client_secret` of gcloud's default credentials",
  refreshToken: "`refresh_token` of gcloud's default credentials",
  subjectToken: 'subject token of a Google workload identity',
  accessToken: 'access token that Google gives for it',
  metadataToken: "access token of a machine's metadata server",
  proxyPassword: 'password in HTTPS_PROXY',
  storePassword: "password in a store's address",
  specKey: '`secret_access_key=` of a `type=s3` store',
  configToken: '`token=` of a store in .slipway.yaml',
  signingKey: 'SLIPWAY_SIGNING_KEY',
  signingFile: 'file of a signing key',
  argument: '--build-arg of a name that says so',
  argumentUrl: 'password in the URL of a --build-arg',
  changedArgument: '--change-build-arg',
  variable: '--secret from a variable',
  file: '--secret from a file',
  netrc: 'password in .netrc',
  context: '.git-credentials in the context',
  origin: "token in the address of git's remote",
  printed: 'what a test printed',
  printedToken: 'GitHub token that a test printed, with --save-test-results',
  linked: 'linked into a program that `go run` keeps',
  remoteContext: 'password in the address of a remote context',
  dockerfile: 'password in a Dockerfile that lint reads',
} as const;

export type SecretName = keyof typeof KINDS;

/** Each a value of its own. */
const VALUES: Readonly<Record<SecretName, string>> = {
  awsKey: awkwardSecret(),
  awsToken: plainSecret(120),
  profileToken: plainSecret(120),
  runtimeToken: plainSecret(),
  specToken: plainSecret(),
  signedUrl: awkwardSecret(),
  redirect: awkwardSecret(),
  githubToken: `ghp_${plainSecret()}`,
  dockerPassword: awkwardSecret(),
  helperSecret: awkwardSecret(),
  identityToken: awkwardSecret(),
  registryToken: plainSecret(),
  bearerToken: plainSecret(200),
  googleKey: google.split('\n')[2] ?? '',
  clientSecret: `GOCSPX-${plainSecret()}`,
  refreshToken: `1//${awkwardSecret()}`,
  subjectToken: awkwardSecret(),
  accessToken: `ya29.${plainSecret(60)}`,
  metadataToken: `ya29.${plainSecret(60)}`,
  proxyPassword: awkwardSecret(),
  storePassword: plainSecret(),
  specKey: awkwardSecret(),
  configToken: plainSecret(),
  signingKey: seedOf(signing.fileText),
  signingFile: seedOf(signingFile.fileText),
  argument: awkwardSecret(),
  argumentUrl: awkwardSecret(),
  changedArgument: awkwardSecret(),
  variable: awkwardSecret(),
  file: awkwardSecret(),
  netrc: plainSecret(),
  context: plainSecret(),
  origin: plainSecret(),
  printed: awkwardSecret(),
  printedToken: `ghp_${plainSecret()}`,
  linked: plainSecret(),
  remoteContext: plainSecret(),
  dockerfile: plainSecret(),
};

export function valueOf(name: SecretName): string {
  return VALUES[name];
}

export const CANARIES: readonly Canary[] = Object.entries(KINDS).map(([name, kind]) => ({
  kind,
  value: VALUES[name as SecretName],
}));
