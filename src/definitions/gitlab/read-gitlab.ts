import type { DefinitionTree } from '../definition-tree.ts';
import { asWritten, readScriptBuilds } from '../commands/read-script.ts';
import { readScriptCommands } from '../commands/script-commands.ts';
import { unplaced } from '../invocation.ts';
import type { BuildInvocation } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { directoryOf } from '../../core/file-tree.ts';
import {
  entries,
  field,
  isMapping,
  items,
  scalar,
  scalars,
  text,
  type YamlFile,
  type YamlValue,
} from '../yaml/read-yaml.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';

export function isGitlabPath(path: string): boolean {
  return /(?:^|\/)\.gitlab-ci\.ya?ml$/.test(path) || /(?:^|\/)\.gitlab\/.*\.ya?ml$/.test(path);
}

/** Keys at the top that are no jobs. */
const SETTINGS = new Set(['default', 'variables', 'stages', 'include', 'workflow', 'image', 'services', 'cache']);

/** Builds in the scripts of GitLab jobs. Those with a docker-in-docker service start on an empty builder each time. */
export function gitlabBuilds(tree: DefinitionTree, file: YamlFile): readonly BuildInvocation[] {
  const root = file.documents[0];
  const shared = variablesOf(field(root, 'variables'), new Map());
  const services = [...scalars(field(root, 'services')), ...scalars(field(root, 'default', 'services'))];
  return entries(root)
    .filter(({ key, value }) => !SETTINGS.has(key) && isMapping(value))
    .flatMap(({ key, value }) => {
      const own = [...services, ...serviceNames(field(value, 'services'))];
      const isDockerInDocker = own.some((each) => /\bdind\b/.test(each.text));
      const place = {
        ...unplaced(file.path, 'gitlab'),
        builder: isDockerInDocker ? ('ephemeral' as const) : ('unknown' as const),
      };
      let variables: ReadonlyMap<string, Known> = variablesOf(field(value, 'variables'), shared);
      const before =
        field(value, 'before_script') ?? field(root, 'before_script') ?? field(root, 'default', 'before_script');
      return [...scalars(before), ...scalars(field(value, 'script'))].flatMap((placed) => {
        const source = {
          tree,
          placed,
          place,
          variables,
          label: `job \`${key}\``,
          directory: directoryOf(file.path),
          followsCalls: true,
          template: asWritten,
          isMakefile: false,
        };
        variables = readScriptCommands(placed.text, source).variables;
        return readScriptBuilds(source);
      });
    });
}

function serviceNames(value: YamlValue | undefined): readonly PlacedText[] {
  return [...scalars(value), ...items(value).flatMap((each) => scalars(field(each, 'name')))];
}

function variablesOf(value: YamlValue | undefined, base: ReadonlyMap<string, Known>): ReadonlyMap<string, Known> {
  const variables = new Map(base);
  for (const each of entries(value)) {
    const found = scalar(each.value)?.text ?? text(field(each.value, 'value'));
    if (found !== undefined) variables.set(each.key, { text: found, certainty: 'known' });
  }
  return variables;
}
