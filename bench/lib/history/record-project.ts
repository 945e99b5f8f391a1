import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { readArchive } from '../../../src/golang/object/read-archive.ts';
import { outputPath } from '../../../src/pack/action-record.ts';
import { buildProgram, go, type HostGo, type ListedPackage, listCache, listPackages, readActions } from './host-go.ts';
import type { RecordedModule, RecordedPackage, RecordedProject, Weight } from './project.ts';

/** Builds the project with the real go, and writes down its packages and what each has left in GOCACHE. */
export async function recordProject(host: HostGo, scratch: string): Promise<RecordedProject> {
  const compiles = await buildProgram(host, scratch);
  const actions = await readActions(host, await listCache(host));
  const readOutput = (actionHex: string): Promise<Buffer> =>
    readFile(join(host.cache, outputPath(actions.get(actionHex) ?? '')));
  const packages = (await listPackages(host)).filter(({ ImportPath }) => compiles.has(ImportPath));
  const places = new Map(packages.map(({ ImportPath }, at) => [ImportPath, at]));
  const files = new Map(packages.flatMap((one, at) => filesOf(one).map((file) => [file, at] as const)));
  const modules = new Map(
    packages.flatMap(({ Module }) => (Module?.Version === undefined ? [] : [[Module.Path, Module.Version] as const])),
  );
  const paths = [...modules.keys()].toSorted();
  const index = await weighIndexes(readOutput, actions);
  const recorded: RecordedPackage[] = [];
  for (const one of packages) {
    const hex = [...actions.keys()].find((key) => key.startsWith(compiles.get(one.ImportPath) ?? '?'));
    if (hex === undefined) throw new Error(`the cache has no compile of \`${one.ImportPath}\``);
    const archive = await readOutput(hex);
    const module =
      one.Standard === true ? 'std' : one.Module?.Main === true ? 'main' : paths.indexOf(one.Module?.Path ?? '');
    recorded.push({
      path: one.ImportPath,
      module,
      imports: importsOf(one, places),
      // Positions in Go's own packages change with Go alone, which changes all.
      mentions: module === 'std' ? [] : mentionsOf(archive, files),
      archive: weigh(archive),
      sources: weigh(await readOutput(subkey(hex, 'srcfiles'))),
    });
  }
  const goVersion = (await go(host, 'env', 'GOVERSION')).trim();
  const download = (await go(host, 'env', 'GOMODCACHE')).trim();
  const listed = paths.map((path) =>
    recordModule(join(download, 'cache', 'download'), { path, version: modules.get(path) ?? '' }),
  );
  return { schemaVersion: 1, goVersion, index, modules: await Promise.all(listed), packages: recorded };
}

function filesOf({ Dir, GoFiles = [], CgoFiles = [] }: ListedPackage): readonly string[] {
  return [...GoFiles, ...CgoFiles].map((name) => join(Dir, name));
}

function importsOf(
  { Imports = [], ImportMap = {} }: ListedPackage,
  places: ReadonlyMap<string, number>,
): readonly number[] {
  return Imports.flatMap((name) => places.get(ImportMap[name] ?? name) ?? []).toSorted((a, b) => a - b);
}

/** The packages whose files are named in the export data: the strings of its positions lie there as they are. */
function mentionsOf(archive: Buffer, files: ReadonlyMap<string, number>): readonly number[] {
  const text = readArchive(archive)
    .find(({ name }) => name === '__.PKGDEF')
    ?.data.toString('latin1');
  const found = new Set<number>();
  for (const match of (text ?? '').matchAll(/\.go/g)) {
    // Strings follow each other without a gap: a path begins somewhere before its ending.
    const before = (text ?? '').slice(Math.max(0, match.index - 300), match.index + 3);
    for (let at = before.indexOf('/'); at >= 0; at = before.indexOf('/', at + 1)) {
      const one = files.get(before.slice(at));
      if (one !== undefined) found.add(one);
    }
  }
  return [...found].toSorted((a, b) => a - b);
}

/** https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cache/hash.go#L57-L70 */
function subkey(actionHex: string, what: string): string {
  return createHash('sha256').update('subkey:').update(Buffer.from(actionHex, 'hex')).update(what).digest('hex');
}

/** The mean of all: an index says nothing of the directory that it is of. */
async function weighIndexes(
  read: (hex: string) => Promise<Buffer>,
  actions: ReadonlyMap<string, string>,
): Promise<Weight> {
  let [count, size, packed] = [0, 0, 0];
  for (const hex of actions.keys()) {
    const bytes = await read(hex);
    if (bytes.subarray(0, 8).toString('latin1') !== 'go index') continue;
    const weight = weigh(bytes);
    [count, size, packed] = [count + 1, size + weight[0], packed + weight[1]];
  }
  return [Math.round(size / count), Math.round(packed / count)];
}

async function recordModule(
  download: string,
  { path, version }: Omit<RecordedModule, 'zip' | 'mod'>,
): Promise<RecordedModule> {
  const escape = (text: string): string => text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  const base = join(download, escape(path), '@v', escape(version));
  const zip = await readFile(`${base}.zip`);
  return { path, version, zip: [zip.length, zip.length], mod: weigh(await readFile(`${base}.mod`)) };
}

/** In a pack, as the first save of a cache makes it. */
function weigh(bytes: Buffer): Weight {
  return [bytes.length, bytes.length === 0 ? 0 : deflateRawSync(bytes, { level: 1 }).length];
}
