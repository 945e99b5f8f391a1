import { isComposeBuild } from '../commands/command-role.ts';
import { type Argument, readFlags } from '../commands/flags.ts';
import type { ScriptSource } from '../commands/read-script.ts';
import type { ExpandedCommand } from '../commands/script-commands.ts';
import type { BuildInvocation, Setting } from '../types.ts';
import { treePath } from '../values/tree-path.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { composeBuilds } from './read-compose.ts';

/** The names Compose looks for by itself. */
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The builds of `docker compose build`, `up --build`. */
export function composeFromCommand(
  command: ExpandedCommand,
  words: readonly Argument[],
  source: ScriptSource,
): readonly BuildInvocation[] {
  const { directory } = command;
  const texts = words.map(({ text }) => text);
  if (directory === undefined || !isComposeBuild(texts)) return [];
  const verb = texts.findIndex((text) => isComposeBuild([text]));
  const isBuild = texts[verb] === 'build';
  if (!isBuild && !texts.includes('--build')) return [];
  const { flags } = readFlags(words.slice(0, verb));
  const named = flags.flatMap((flag) => (flag.name === '--file' ? [flag.value?.text ?? ''] : []));
  const path = (named.length > 0 ? named : COMPOSE_FILES)
    .map((name) => treePath(directory, name))
    .find((each) => each !== undefined && source.tree.hasFile(each));
  const text = path === undefined ? undefined : source.tree.read(path);
  if (path === undefined || text === undefined) return [];
  const after = readFlags(words.slice(verb + 1), COMPOSE_SWITCHES);
  const noCache = after.flags.find(({ name }) => name === '--no-cache');
  return composeBuilds(readYaml(path, text), source.place, {
    services: after.positionals.map((each) => each.text),
    variables: source.variables,
    noCache: noCache === undefined ? undefined : noCacheSetting(noCache.range, source),
    labelPrefix: `${source.label}, `,
  });
}

const COMPOSE_SWITCHES = new Set([
  '--build',
  '-d',
  '--detach',
  '--wait',
  '--with-dependencies',
  '--force-recreate',
  '--no-deps',
  '--parallel',
  '--remove-orphans',
]);

function noCacheSetting(
  { start, end }: { readonly start: number; readonly end: number },
  { placed, place }: ScriptSource,
): Setting {
  const range = { start: placed.offsetAt(start), end: placed.offsetAt(end - 1) + 1 };
  return { text: 'true', certainty: 'known', file: place.file, range, isExact: true };
}
