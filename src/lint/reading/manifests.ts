import { planBuildList } from '../../golang/packages/resolve-import.ts';
import type { GoRepository } from '../../golang/packages/types.ts';
import { inDirectory } from '../../golang/packages/read-repository.ts';
import type { CommandFacts } from '../facts/command.ts';

/**
 * The files that `go mod download` reads in a directory of the repository: go.mod and go.sum of the module, of local replacements and of the
 * workspace. undefined when they can't be told: no module there, or a replacement that isn't here.
 */
export function manifestsOf(go: GoRepository, directory: string, command: CommandFacts): readonly string[] | undefined {
  if (command.unknown.has('GOWORK') || command.unknown.has('GOFLAGS')) return undefined;
  const work = command.env.get('GOWORK') ?? '';
  if (work !== '' && work !== 'off') return undefined;
  const list = planBuildList(go, directory, { useWork: work !== 'off' });
  if (list === undefined || list.missing.length > 0) return undefined;
  const modules = new Set([list.main, ...list.local.values()]);
  const found = [...modules].flatMap((module) => [
    module.file,
    ...(module.hasGoSum ? [inDirectory(module.directory, 'go.sum')] : []),
  ]);
  const { workspace } = list;
  if (workspace !== undefined) {
    found.push(workspace.file);
    if (workspace.hasGoWorkSum) found.push(inDirectory(workspace.directory, 'go.work.sum'));
    if (workspace.outside.length > 0) return undefined;
  }
  return found;
}
