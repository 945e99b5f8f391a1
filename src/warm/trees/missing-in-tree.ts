import { moduleOfDirectory } from '../../pack/module-name.ts';

/** What Go, its compilers and linkers say of a package or file that isn't there. */
const MISSING =
  /no required module provides package|is not in std|cannot find (?:module|package)|could not import|does not contain package|no Go files in|build constraints exclude all Go files|no matching files found|no such file or directory|has been modified|missing ziphash|unreadable|could not be found/i;

/**
 * Those of these modules (`<escaped path>@<escaped version>`) that a failed build most likely misses a part of: a line of its log
 * tells of something missing, and names the module or a package that would lie in it.
 */
export function findMissingInTrees(log: readonly string[], directories: readonly string[]): readonly string[] {
  const lines = log.filter((line) => MISSING.test(line));
  return directories.filter((directory) => {
    const { path, version } = moduleOfDirectory(directory);
    const names = [path, directory, `${path}@${version}`];
    return lines.some((line) => names.some((name) => isNamed(line, name)));
  });
}

/** The name, or a path that begins or goes on behind it: not `a.b/cd` where `a.b/c` is meant. */
function isNamed(line: string, name: string): boolean {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    const [before, after] = [line[at - 1] ?? '', line[at + name.length] ?? ''];
    if (!/[\w.-]/.test(before) && !/[\w.-]/.test(after)) return true;
    // A sentence may end behind it.
    if (!/[\w.-]/.test(before) && after === '.' && !/\w/.test(line[at + name.length + 1] ?? '')) return true;
  }
  return false;
}
