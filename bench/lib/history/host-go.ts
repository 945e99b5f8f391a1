import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseActionRecord } from '../../../src/pack/action-record.ts';

const run = promisify(execFile);

/** What `go list -json` says of a package. */
export interface ListedPackage {
  readonly ImportPath: string;
  readonly Name: string;
  readonly Dir: string;
  readonly Standard?: boolean;
  readonly Module?: { readonly Path: string; readonly Version?: string; readonly Main?: boolean };
  readonly Imports?: readonly string[];
  readonly ImportMap?: Readonly<Record<string, string>>;
  readonly GoFiles?: readonly string[];
  readonly CgoFiles?: readonly string[];
}

/** The real go on a copy of the project, with a GOCACHE of its own. */
export interface HostGo {
  readonly project: string;
  readonly cache: string;
}

export async function go(host: HostGo, ...words: readonly string[]): Promise<string> {
  const { GOFLAGS: _, ...env } = process.env;
  const { stdout } = await run('go', words, {
    cwd: host.project,
    env: { ...env, GOCACHE: host.cache, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' },
    maxBuffer: 1 << 30,
  });
  return stdout;
}

export async function listPackages(host: HostGo): Promise<readonly ListedPackage[]> {
  const text = await go(
    host,
    'list',
    '-deps',
    '-json=ImportPath,Name,Dir,Standard,Module,Imports,ImportMap,GoFiles,CgoFiles',
    '.',
  );
  return JSON.parse(`[${text.replace(/^\}\n\{/gm, '},{')}]`) as ListedPackage[];
}

/** Builds, and tells the id of each package's compile, by its import path: the first 30 hex digits of its `-a` file's name. */
export async function buildProgram(host: HostGo, scratch: string): Promise<ReadonlyMap<string, string>> {
  const graph = join(scratch, 'actions.json');
  await go(host, 'build', `-debug-actiongraph=${graph}`, '-o', join(scratch, 'program'), '.');
  const actions = JSON.parse(await readFile(graph, 'utf8')) as readonly Record<string, string | undefined>[];
  const compiles = actions.filter(
    ({ Mode, Package, BuildID }) => Mode === 'build' && Package !== undefined && BuildID !== undefined,
  );
  return new Map(
    compiles.map(({ Package, BuildID }) => [
      Package ?? '',
      Buffer.from((BuildID ?? '').split('/')[0] ?? '', 'base64url').toString('hex'),
    ]),
  );
}

export interface CacheFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedAtMs: number;
}

/** All entries of a GOCACHE. */
export async function listCache({ cache }: HostGo): Promise<readonly CacheFile[]> {
  const files: CacheFile[] = [];
  for (const folder of await readdir(cache)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of await readdir(join(cache, folder))) {
      if (!/^[0-9a-f]{64}-[ad]$/.test(name)) continue;
      const { size, mtimeMs } = await stat(join(cache, folder, name));
      files.push({ path: `${folder}/${name}`, sizeBytes: size, changedAtMs: mtimeMs });
    }
  }
  return files;
}

/** From the hex of each action in a GOCACHE to that of its output. */
export async function readActions(host: HostGo, files: readonly CacheFile[]): Promise<ReadonlyMap<string, string>> {
  const actions = new Map<string, string>();
  for (const { path } of files) {
    if (!path.endsWith('-a')) continue;
    const record = parseActionRecord(path, await readFile(join(host.cache, path)));
    if (typeof record !== 'string') actions.set(path.slice(3, 67), record.outputHex);
  }
  return actions;
}
