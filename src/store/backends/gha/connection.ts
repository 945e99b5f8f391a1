import { SlipwayError } from '../../../core/errors.ts';
import { rememberSecret } from '../../../core/redact.ts';
import type { Environment } from '../../../oci/credentials.ts';
import type { Refusal } from '../../port.ts';
import type { GhaStoreSpec } from '../../spec/gha.ts';
import { refusalOfMode } from './cache-mode.ts';

/** Where the service is and what this job may do there. */
export interface GhaConnection {
  /** Ends in `/`. */
  readonly url: URL;
  /** Of the job, valid as long as it runs. */
  readonly token: string;
  readonly refusal: Refusal;
}

/**
 * The connection from the spec and, for what it leaves out, the job's environment; or why there is none, as an error
 * that the first call throws: a cache that can't be reached must not stop a build.
 */
export function readConnection(spec: GhaStoreSpec, env: Environment): GhaConnection | SlipwayError {
  const url = spec.url ?? env['ACTIONS_RESULTS_URL'] ?? '';
  const token = spec.token ?? env['ACTIONS_RUNTIME_TOKEN'] ?? '';
  rememberSecret(token);
  if (spec.url === undefined && isEnterpriseServer(env['GITHUB_SERVER_URL'])) return noServiceThere();
  if (url === '' || token === '') return missing({ url, token }, env);
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !['http:', 'https:'].includes(base.protocol)) {
    return new SlipwayError('STORE_FAILED', `the address of the GitHub Actions cache, \`${url}\`, is no URL`);
  }
  base.search = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return { url: base, token, refusal: refusalOfMode(env['ACTIONS_CACHE_MODE']) };
}

/** As the official client decides: github.com, GitHub Enterprise Cloud (`*.ghe.com`) and tests have version 2. */
function isEnterpriseServer(server: string | undefined): boolean {
  if (server === undefined || !URL.canParse(server)) return false;
  const { hostname } = new URL(server);
  return hostname !== 'github.com' && !hostname.endsWith('.ghe.com') && !hostname.endsWith('localhost');
}

function noServiceThere(): SlipwayError {
  return new SlipwayError(
    'STORE_FAILED',
    'GitHub Enterprise Server has version 1 of the cache service only, and slipway speaks version 2',
    {
      hint: 'Name another store, as in `type=registry,ref=…` or `type=s3,…`, or your own service with `url_v2=…`.',
    },
  );
}

function missing(found: { readonly url: string; readonly token: string }, env: Environment): SlipwayError {
  const names = [
    ...(found.token === '' ? ['ACTIONS_RUNTIME_TOKEN'] : []),
    ...(found.url === '' ? ['ACTIONS_RESULTS_URL'] : []),
  ];
  const isJob = env['GITHUB_ACTIONS'] === 'true';
  return new SlipwayError(
    'STORE_UNAUTHENTICATED',
    `the GitHub Actions cache needs ${names.map((name) => `\`${name}\``).join(' and ')}, which ${names.length > 1 ? 'are' : 'is'} not set`,
    {
      hint: isJob
        ? 'GitHub hands them to JavaScript actions only, not to `run:` steps: use the slipway action, or export them before with `uses: crazy-max/ghaction-github-runtime`.'
        : 'They exist in jobs of GitHub Actions only. Elsewhere name another store, as in `--store type=local,dest=DIR`.',
    },
  );
}
