import { relative, resolve } from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { runChild } from '../process/run-child.ts';

/** What is different now. Paths are relative to the build context, with `/` between names. */
export interface Change {
  readonly edited: ReadonlySet<string>;
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  /** A file as it was; undefined where it wasn't there. Only for a revision. */
  readonly textBefore?: (absolutePath: string) => Promise<string | undefined>;
}

/** `--change`: files that are there are edited, others are added; a directory stands for all that is in it. */
export async function changeOfPaths(
  written: readonly string[],
  place: { readonly cwd: string; readonly context: string; readonly paths: readonly string[] },
): Promise<Change> {
  const edited = new Set<string>();
  const added = new Set<string>();
  for (const word of written) {
    const path = relative(place.context, resolve(place.cwd, word)).replaceAll('\\', '/');
    if (path.startsWith('..')) {
      throw new SlipwayError('USAGE', `\`--change ${word}\` lies outside of the build context \`${place.context}\``, {
        hint: 'No step of the build can see it, so nothing re-runs.',
      });
    }
    const inside = place.paths.filter((each) => path === '' || each === path || each.startsWith(`${path}/`));
    if (inside.length === 0) added.add(path);
    for (const each of inside) edited.add(each);
  }
  return { edited, added, removed: new Set() };
}

/** `--since`: what git says of the work tree, files that it doesn't track yet too. */
export async function changeSince(revision: string, place: GitPlace): Promise<Change> {
  const context = place.cwd;
  const git = (...args: readonly string[]): Promise<GitAnswer> => askGit(args, place);
  const top = await git('rev-parse', '--show-toplevel');
  if (top.exitCode !== 0) {
    throw new SlipwayError('USAGE', `\`${context}\` is in no git checkout`, {
      hint: 'Write `--change PATH` instead of `--since`.',
    });
  }
  const known = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  if (known.exitCode !== 0) {
    throw new SlipwayError('USAGE', `git knows no revision \`${revision}\``, {
      hint: 'Write a commit, a branch or a tag, such as `HEAD~1` or `origin/main`.',
    });
  }
  const commit = known.text.trim();
  const fields = (await git('diff', '--name-status', '-z', '--no-renames', '--relative', commit, '--')).text.split(
    '\0',
  );
  const change = { edited: new Set<string>(), added: new Set<string>(), removed: new Set<string>() };
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [status = '', path = ''] = [fields[at], fields[at + 1]];
    (status === 'A' ? change.added : status === 'D' ? change.removed : change.edited).add(path);
  }
  for (const path of (await git('ls-files', '--others', '--exclude-standard', '-z')).text.split('\0')) {
    if (path !== '') change.added.add(path);
  }
  const root = top.text.trim();
  const textBefore = async (absolutePath: string): Promise<string | undefined> => {
    const path = relative(root, absolutePath);
    // Git doesn't know it: it is as it was.
    if (path.startsWith('..')) return undefined;
    const shown = await git('show', `${commit}:${path}`);
    return shown.exitCode === 0 ? shown.text : undefined;
  };
  return { ...change, textBefore };
}

export interface GitPlace {
  /** The build context. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

interface GitAnswer {
  readonly exitCode: number | null;
  readonly text: string;
}

async function askGit(args: readonly string[], { cwd, env, signal }: GitPlace): Promise<GitAnswer> {
  const lines: string[] = [];
  try {
    const { exitCode } = await runChild('git', {
      // No pager, and no helper that the checkout's own configuration names.
      args: ['-c', 'core.quotePath=false', '-c', 'core.fsmonitor=false', '--no-pager', ...args],
      env: { ...env, LC_ALL: 'C' },
      cwd,
      signal,
      onStdoutLine: (line) => lines.push(line),
    });
    return { exitCode, text: lines.join('\n') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SlipwayError('USAGE', '`--since` needs git, which is not on PATH', { hint: 'Write `--change PATH`.' });
  }
}
