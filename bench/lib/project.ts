import { execFile } from 'node:child_process';
import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProjectFacts } from './results.ts';

const run = promisify(execFile);

export const HEAVY_DIRECTORY: string = join(import.meta.dirname, '..', 'heavy');

/** A copy of the project that an edit may change. */
export async function copyProject(project: string, to: string): Promise<string> {
  await cp(project, to, { recursive: true });
  return to;
}

/** Counts of `go list -deps`, for the platform that the Dockerfile builds for. */
export async function readProjectFacts(project: string): Promise<ProjectFacts> {
  const format = '{{.ImportPath}}\t{{.Standard}}\t{{with .Module}}{{.Path}}\t{{.Main}}{{end}}';
  const { stdout } = await run('go', ['list', '-deps', '-f', format, '.'], {
    cwd: project,
    env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux' },
    maxBuffer: 16 << 20,
  });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const others = rows.filter(([, isStandard]) => isStandard === 'false');
  return {
    packages: rows.length,
    packagesWithoutStd: others.length,
    ownPackages: others.filter(([, , , isMain]) => isMain === 'true').length,
    modules: new Set(others.filter(([, , , isMain]) => isMain !== 'true').map(([, , module]) => module)).size,
  };
}

/** Files and bytes below a directory, links not followed. */
export async function measureDirectory(directory: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  let bytes = 0;
  let files = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    files += 1;
    bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return { files, bytes };
}
