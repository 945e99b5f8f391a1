import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { joinModuleSums } from '../../../src/trust/module-sums.ts';
import { readCheckoutNeeds } from '../../../src/warm/trees/read-checkout.ts';
import type { Checkout } from './tree-store.ts';

const run = promisify(execFile);

/** The real go, in a copy of a program, with a module cache of its own. */
export interface GoModules {
  readonly project: string;
  readonly moduleCache: string;
}

/** A package of another module that a build loads. */
export interface LoadedPackage {
  /** Module path, unescaped, and version. */
  readonly module: string;
  readonly version: string;
  /** In the module, `''` for its root. */
  readonly directory: string;
}

export async function go({ project, moduleCache }: GoModules, args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    GOMODCACHE: moduleCache,
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  };
  const { stdout } = await run('go', [...args], { cwd: project, env, maxBuffer: 64 << 20 });
  return stdout.trim();
}

/** What the build of the program loads, on this platform; it fetches what it lacks. */
export async function loadPackages(host: GoModules): Promise<readonly LoadedPackage[]> {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{$.ImportPath}}{{end}}{{end}}';
  const lines = (await go(host, ['list', '-deps', '-f', format, '.'])).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [module = '', version = '', importPath = ''] = line.split(' ');
    return { module, version, directory: importPath.slice(module.length + 1) };
  });
}

/** Direct requirements that have newer releases, each with the next of them, oldest first. */
export async function listBumps(
  host: GoModules,
  most: number,
): Promise<readonly { readonly path: string; readonly versions: readonly string[] }[]> {
  const direct = await go(host, [
    'list',
    '-m',
    '-f',
    '{{if not (or .Main .Indirect)}}{{.Path}} {{.Version}}{{end}}',
    'all',
  ]);
  const bumps: { path: string; versions: readonly string[] }[] = [];
  for (const line of direct.split('\n').filter((each) => each !== '')) {
    const [path = '', version = ''] = line.split(' ');
    const listed = (await go(host, ['list', '-m', '-versions', path])).split(' ').slice(1);
    const newer = listed.slice(listed.indexOf(version) + 1).filter((each) => !each.includes('-'));
    if (listed.includes(version) && newer.length > 0) bumps.push({ path, versions: newer.slice(0, most) });
  }
  return bumps;
}

export async function readCheckout({ project }: GoModules): Promise<Checkout> {
  const needs = await readCheckoutNeeds([project], new AbortController().signal);
  return { needs, sums: joinModuleSums([await readFile(join(project, 'go.sum'), 'utf8')]) };
}
