import type { FileTree } from '../../core/file-tree.ts';
import type { BuildContextFacts } from './build-context.ts';
import type { ModuleFacts } from './module.ts';

/** The module at the root of the build context, or the only one in it. */
export function readModule(files: FileTree, context: BuildContextFacts): ModuleFacts | undefined {
  const start = context.directory === '' ? '' : `${context.directory}/`;
  const modules = files.paths.filter((path) => path.startsWith(start) && /(?:^|\/)go\.mod$/.test(path) && !path.includes('vendor/'));
  const file = modules.find((path) => path === `${start}go.mod`) ?? (modules.length === 1 ? modules[0] : undefined);
  const text = file === undefined ? undefined : files.read(file);
  if (file === undefined || text === undefined) return undefined;
  const directory = file.slice(start.length).replace(/\/?go\.mod$/, '');
  const at = (name: string): string => file.replace(/go\.mod$/, name);
  const lines = text.replaceAll(/\/\/.*$/gm, '').split('\n').map((line) => line.trim());
  const block = (verb: string): readonly string[] => {
    const found = lines.flatMap((line) => (line.startsWith(`${verb} `) && !line.endsWith('(') ? [line.slice(verb.length + 1)] : []));
    for (let index = lines.findIndex((line) => line.startsWith(verb) && line.endsWith('(')) + 1; index > 0 && lines[index] !== ')' && index < lines.length; index++) {
      if (lines[index] !== '') found.push(lines[index] ?? '');
    }
    return found;
  };
  const required = block('require').map((line) => line.split(/\s+/)[0] ?? '');
  return {
    directory,
    file,
    goVersion: block('go')[0],
    toolchain: block('toolchain')[0],
    requirementCount: required.length,
    hasGoSum: files.hasFile(at('go.sum')),
    isVendored: files.hasFile(at('vendor/modules.txt')),
    localReplaces: block('replace').flatMap((line) => {
      const [path = '', to = ''] = line.split('=>').map((side) => side.trim().split(/\s+/)[0] ?? '');
      return /^\.{1,2}\//.test(to) ? [{ path, directory: to, isRequired: required.includes(path) }] : [];
    }),
    workspace: undefined,
  };
}
