import { dirname, isAbsolute } from 'node:path';
import type { HostGo } from '../../../warm/host/host-caches.ts';

/** What `go env` answers. A Go that doesn't know a variable yet answers an empty text. */
export interface GoEnv {
  readonly GOCACHE: string;
  readonly GOMODCACHE: string;
  readonly GOVERSION: string;
  readonly GOMOD: string;
  readonly GOWORK: string;
  readonly GOCACHEPROG: string;
  readonly GOPRIVATE: string;
}

/** One line about what isn't restored, with what to write instead. */
export interface HostNote {
  readonly text: string;
  readonly hint: string;
  /** A fault under `--strict-cache`. */
  readonly isFault: boolean;
}

export interface HostPlan {
  readonly go: HostGo;
  readonly notes: readonly HostNote[];
}

/** Which directories of this machine's Go are restored and saved, and whose go.sum files vouch for modules. */
export function planHost(env: GoEnv, about: { readonly cwd: string; readonly isProg: boolean }): HostPlan {
  const notes: HostNote[] = [];
  const caches: HostGo['caches'][number][] = [];
  const buildCache = noteBuildCache(env);
  if (!about.isProg && buildCache === undefined) caches.push({ kind: 'gocache', directory: env.GOCACHE });
  if (!about.isProg && buildCache !== undefined) notes.push(buildCache);
  if (isAbsolute(env.GOMODCACHE)) caches.push({ kind: 'gomodcache', directory: env.GOMODCACHE });
  else
    notes.push(
      fault(
        `modules are not restored: GOMODCACHE is \`${env.GOMODCACHE}\``,
        'Name an absolute directory by GOMODCACHE.',
      ),
    );
  const files = [env.GOMOD, env.GOWORK].filter((file) => isAbsolute(file) && file !== '/dev/null');
  if (files.length === 0) notes.push(NO_MODULE);
  return {
    go: {
      caches,
      moduleDirectories: [...new Set([about.cwd, ...files.map((file) => dirname(file))])],
      goPrivate: env.GOPRIVATE === '' ? [] : [env.GOPRIVATE],
      version: env.GOVERSION === '' ? undefined : env.GOVERSION,
    },
    notes,
  };
}

const NO_MODULE: HostNote = {
  text: 'there is no go.mod in this directory or above it: modules are restored as far as go.sum files below it list them',
  hint: 'Run it where the go.mod or go.work file is.',
  isFault: false,
};

/** Why there is no build cache to restore into. */
function noteBuildCache({ GOCACHE, GOCACHEPROG }: GoEnv): HostNote | undefined {
  if (GOCACHEPROG !== '') {
    const text = 'compiled packages are not restored: go asks the program of GOCACHEPROG, not its build cache';
    return { text, hint: 'Unset GOCACHEPROG; `--gocacheprog` sets it for the store of this run.', isFault: false };
  }
  if (isAbsolute(GOCACHE)) return undefined;
  const what = GOCACHE === 'off' ? 'GOCACHE is `off`' : `GOCACHE is \`${GOCACHE}\`, which go refuses`;
  return fault(`compiled packages are not restored: ${what}`, 'Unset GOCACHE, or name an absolute directory by it.');
}

function fault(text: string, hint: string): HostNote {
  return { text, hint, isFault: true };
}
