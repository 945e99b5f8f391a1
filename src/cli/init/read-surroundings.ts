import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../config/options.ts';
import { readGoEnvFile } from '../../golang/go-env-file.ts';
import type { Surroundings } from '../../generate/types.ts';

/**
 * What this machine knows of private modules: GOPRIVATE, a .netrc, Git's ssh rewrites. Only host names and yes or no are kept; no
 * secret leaves the files.
 */
export function readSurroundings(env: Environment, root: string): Surroundings {
  const home = env['HOME'] || homedir();
  const netrc = read(env['NETRC'] || join(home, '.netrc'));
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const gitFiles = [join(home, '.gitconfig'), join(config, 'git/config')];
  return {
    goPrivate: env['GOPRIVATE'] ?? readGoEnvFile(read(env['GOENV'] || join(config, 'go/env')), 'GOPRIVATE'),
    hasNetrc: /^\s*machine\s+\S/m.test(netrc),
    sshHosts: [...new Set(gitFiles.flatMap((file) => readSshHosts(read(file))))],
    hasOuterWorkspace: hasWorkspaceAbove(env, root),
  };
}

/** Go takes the nearest go.work at or above: https://go.dev/ref/mod#workspaces */
function hasWorkspaceAbove(env: Environment, root: string): boolean {
  if (env['GOWORK'] === 'off' || existsSync(join(root, 'go.work'))) return false;
  for (let at = dirname(root); ; at = dirname(at)) {
    if (existsSync(join(at, 'go.work'))) return true;
    if (at === dirname(at)) return false;
  }
}

/**
 * Hosts whose https addresses Git rewrites to ssh:
 *
 *     [url "ssh://git@example.com/"]
 *         insteadOf = https://example.com/
 */
function readSshHosts(text: string): readonly string[] {
  const sections = text.matchAll(/^\s*\[url\s+"(?<to>[^"]*)"\]\s*\n(?<body>(?:(?!\s*\[).*\n?)*)/gim);
  return [...sections].flatMap(({ groups = {} }) => {
    if (!/^ssh:|^[\w.-]+@[\w.-]+:/.test(groups['to'] ?? '')) return [];
    const hosts = (groups['body'] ?? '').matchAll(/insteadOf\s*=\s*"?https:\/\/(?<host>[\w.-]+)/gi);
    return [...hosts].flatMap((match) => match.groups?.['host'] ?? []);
  });
}

/** A file that isn't there, or isn't ours to read, says nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EISDIR') return '';
    throw error;
  }
}
