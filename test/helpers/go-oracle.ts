import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const SOURCES = path.join(import.meta.dirname, '../oracle');

/**
 * Path of the program built from `test/oracle/<name>`: a judge written in Go that rests on the very code we must agree with.
 * It is built once per content and kept in the user's cache directory, so that a second clone starts at once.
 */
export async function buildOracle(name: string): Promise<string> {
  const source = path.join(SOURCES, name);
  const cache = path.join(
    process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'),
    'slipway-tools',
    'oracles',
  );
  const program = path.join(cache, `${name}-${await contentHash(source)}`);
  if (await exists(program)) return program;
  await mkdir(cache, { recursive: true });
  const draft = `${program}.${process.pid}`;
  try {
    // A rename at the end: two test processes may build the same oracle at the same time.
    await run('go', ['build', '-trimpath', '-o', draft, '.'], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    await rename(draft, program);
  } finally {
    await rm(draft, { force: true });
  }
  return program;
}

/** Where the Go sources lie of a module that an oracle is built from. */
export async function oracleModule(name: string, module: string): Promise<string> {
  const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd: path.join(SOURCES, name) });
  return stdout.trim();
}

const run = promisify(execFile);

async function contentHash(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(directory)).filter((name) => /\.go$|^go\.(?:mod|sum)$/.test(name)).sort();
  for (const name of names) hash.update(`${name}\0`).update(await readFile(path.join(directory, name)));
  return hash.digest('hex').slice(0, 16);
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
