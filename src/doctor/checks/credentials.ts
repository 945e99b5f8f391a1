import path from 'node:path';
import { createLogger } from '../../core/logger.ts';
import { readOptional } from '../../core/read-optional.ts';
import { registryAddress } from '../../oci/address.ts';
import { findCredential } from '../../oci/credentials.ts';
import type { GcsStoreSpec } from '../../store/spec/gcs.ts';
import type { RegistryStoreSpec } from '../../store/spec/registry.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, ConfiguredStore, DoctorContext, Said } from '../types.ts';

export const credentialsCheck: Check = {
  id: 'credentials',
  looksAt: 'where the login for each store comes from, without showing any of it',
  run: async (context) => (await Promise.all(context.stores.map((store) => look(store, context)))).flat(),
};

async function look({ spec, description }: ConfiguredStore, context: DoctorContext): Promise<readonly Said[]> {
  switch (spec.type) {
    case 'registry':
      return lookForRegistry(spec, context);
    case 's3':
      return [await lookForAws(description, context)];
    case 'gcs':
      return [await lookForGoogle(spec, description, context)];
    case 'gha':
      return [judgeJobToken(context.env, spec.token !== undefined)];
    case 'local':
      return [{ level: 'ok', says: `${description} is a directory and needs none` }];
  }
}

/** Files that can't be read and helpers that fail are told, one finding each. */
async function lookForRegistry(spec: RegistryStoreSpec, context: DoctorContext): Promise<readonly Said[]> {
  const { env, homeDirectory, signal } = context;
  const said: Said[] = [];
  const logger = createLogger((_level, says) => said.push({ level: 'warning', says, mend: login(spec.host) }));
  const address = registryAddress(spec.host, spec.isInsecure);
  const found = await findCredential(address, spec.repository, { env, homeDirectory, logger, signal });
  return [...said, judgeLogin(spec.host, found?.source)];
}

/** The pure part for a registry. */
export function judgeLogin(host: string, source: string | undefined): Said {
  if (source !== undefined) return { level: 'ok', says: `the login for ${host} comes from ${source}` };
  return {
    level: 'info',
    says: `there is no login for ${host}: it is asked without one, which seldom may write`,
    mend: login(host),
  };
}

function login(host: string): string {
  return `docker login ${shellWord(host)}`;
}

/** The pure part for GitHub's cache. */
export function judgeJobToken(env: DoctorContext['env'], isInSpec: boolean): Said {
  if (isInSpec || (env['ACTIONS_RUNTIME_TOKEN'] ?? '') !== '')
    return { level: 'ok', says: "the token for GitHub's cache is there" };
  const says = "there is no token for GitHub's cache: `ACTIONS_RUNTIME_TOKEN` is not set";
  if (env['GITHUB_ACTIONS'] !== 'true')
    return { level: 'error', says: `${says}, and this is no job of GitHub Actions` };
  return {
    level: 'error',
    says: `${says}: GitHub hands it to JavaScript actions only. A step \`uses: crazy-max/ghaction-github-runtime@v3\` before hands it on`,
  };
}

/** Variables that lead the AWS SDK to keys, in its own order. */
const AWS_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

async function lookForAws(description: string, { env, homeDirectory }: DoctorContext): Promise<Said> {
  const variable = AWS_VARIABLES.find((name) => (env[name] ?? '') !== '');
  if (variable !== undefined) return { level: 'ok', says: `the login for ${description} comes by ${variable}` };
  const file = env['AWS_SHARED_CREDENTIALS_FILE'] || path.join(homeDirectory, '.aws', 'credentials');
  if ((await readOptional(file)) !== undefined)
    return { level: 'ok', says: `the login for ${description} comes from ${file}` };
  return {
    level: 'info',
    says: `no login for ${description} is in the environment or in ${file}: only a role of this machine can give one`,
    mend: 'aws configure',
  };
}

async function lookForGoogle(
  spec: GcsStoreSpec,
  description: string,
  { env, homeDirectory }: DoctorContext,
): Promise<Said> {
  const mend = 'gcloud auth application-default login';
  const named = env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '';
  if (named !== '') {
    if ((await readOptional(named)) !== undefined)
      return { level: 'ok', says: `the login for ${description} comes from ${named}` };
    return { level: 'error', says: `GOOGLE_APPLICATION_CREDENTIALS names \`${named}\`, which can't be read`, mend };
  }
  const file = path.join(
    env['CLOUDSDK_CONFIG'] || path.join(homeDirectory, '.config', 'gcloud'),
    'application_default_credentials.json',
  );
  if ((await readOptional(file)) !== undefined)
    return { level: 'ok', says: `the login for ${description} comes from ${file}` };
  const elsewhere =
    spec.endpointUrl === undefined
      ? 'only a role of this machine can give one'
      : 'its own service is asked without one';
  return { level: 'info', says: `no login for ${description} is in the environment or in ${file}: ${elsewhere}`, mend };
}
