/** `user@host:path`, git's short form of an ssh address: git-scm.com/docs/git-clone, "Git URLs". */
const SHORT_SSH = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/;

/**
 * One name for a repository however its address is written: `git@github.com:Owner/Name.git` and
 * `https://x:token@github.com/owner/name` are both `github.com/owner/name`. Credentials and ports don't count, and small
 * letters stand for capitals, as hosts and the large forges have it. Undefined for a path on this machine.
 */
export function formatRepository(address: string): string | undefined {
  const text = address.trim();
  const place = readUrl(text) ?? readShort(text) ?? text;
  const name = place
    .replace(/\/+/g, '/')
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
  return name === '' || name.startsWith('/') || name.startsWith('.') ? undefined : name;
}

function readUrl(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, pathname } = new URL(text);
  return protocol === 'file:' ? '/' : `${hostname}${pathname}`;
}

function readShort(text: string): string | undefined {
  const [, host, path] = SHORT_SSH.exec(text) ?? [];
  return host === undefined ? undefined : `${host}/${path}`;
}
