import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The checkout's top directory. */
export const PROJECT_ROOT: string = join(import.meta.dirname, '..', '..');

/**
 * The directory with the real programs that tests and the demo run: `$SLIPWAY_TOOLS`, else `.tools/bin` of the
 * checkout, else the cache directory that scripts/versions names.
 */
export function toolsBin(): string {
  const named = process.env['SLIPWAY_TOOLS'];
  if (named !== undefined && named !== '') return named;
  const linked = join(PROJECT_ROOT, '.tools', 'bin');
  return existsSync(linked) ? linked : join(toolsCache(), 'bin');
}

/** Where the scripts put what they build: the twin of `tools_dir` in scripts/lib/tools.sh. */
export function toolsCache(): string {
  const versions = readFileSync(join(PROJECT_ROOT, 'scripts', 'versions'));
  const hash = createHash('sha256').update(versions).digest('hex').slice(0, 12);
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'slipway-tools', hash);
}

/** The path of one tool; those of the system (runc, skopeo, busybox) are looked up on PATH and in the sbin directories. */
export function toolPath(name: string): string {
  const own = join(toolsBin(), name);
  if (existsSync(own)) return own;
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const found = directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`\`${name}\` is not in ${toolsBin()} and not on PATH: run ./scripts/test, which builds it`);
  }
  return found;
}
