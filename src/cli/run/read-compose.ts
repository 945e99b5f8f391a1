import { allValues, isSwitchedOn, lastValue, parseLeadingFlags, parseWords, type FlagSpec } from '../flag-words.ts';
import type { SubCommand } from './read-buildx.ts';
import { readComposeAnswer } from './read-definition.ts';
import { nothingFor, unread, type CommandReading } from './types.ts';

const value = (name: string, short?: string): FlagSpec => ({ name, arity: 'value', help: '', short });
const list = (name: string, short?: string): FlagSpec => ({ name, arity: 'list', help: '', short });
const flag = (name: string, short?: string): FlagSpec => ({ name, arity: 'switch', help: '', short });

/** What stands before the command of `docker compose`. Source: github.com/docker/compose/blob/v2.40.0/cmd/compose/compose.go */
const GLOBAL_FLAGS: readonly FlagSpec[] = [
  ...[list('file', 'f'), list('profile'), list('env-file')],
  ...[value('project-name', 'p'), value('project-directory'), value('workdir'), value('ansi'), value('progress')],
  ...[value('parallel'), flag('compatibility'), flag('all-resources'), flag('dry-run'), flag('verbose')],
];

/** Source: github.com/docker/compose/blob/v2.40.0/cmd/compose/build.go */
const BUILD_FLAGS: readonly FlagSpec[] = [
  ...[list('build-arg'), list('ssh'), value('builder'), value('memory', 'm'), value('progress')],
  ...[value('provenance'), value('sbom'), flag('check'), flag('no-cache'), flag('print'), flag('pull')],
  ...[flag('push'), flag('quiet', 'q'), flag('with-dependencies'), flag('compress'), flag('force-rm')],
  ...[flag('no-rm'), flag('parallel'), flag('dry-run')],
];

/** `docker compose [FLAGS] build …`: Compose itself says what its files come to, with profiles, variables and `extends`. */
export function readCompose({ command, words, env, overrides }: SubCommand): CommandReading {
  const { flags, rest } = parseLeadingFlags(words, GLOBAL_FLAGS);
  const [verb = '', ...after] = rest;
  if (verb !== 'build') return unread(`of Compose only \`build\` is read, not \`${verb}\``);
  const parsed = parseWords(after, BUILD_FLAGS);
  const global = { flags, positionals: [] };
  const asks = ['dry-run', 'check', 'print'].some((name) => isSwitchedOn(parsed, name));
  if (asks || isSwitchedOn(global, 'dry-run')) return nothingFor('it only asks a question');
  if (allValues(global, 'file').includes('-')) return nothingFor('its Compose file comes from standard input');
  return {
    kind: 'definition',
    client: { engine: 'buildx', builder: lastValue(parsed, 'builder') || undefined, env: overrides },
    question: [...command, ...flags.flatMap((each) => each.words), 'config', '--format', 'json', ...parsed.positionals],
    read: (answer) =>
      readComposeAnswer(answer, {
        env,
        services: parsed.positionals,
        isWithDependencies: isSwitchedOn(parsed, 'with-dependencies'),
        buildArgs: allValues(parsed, 'build-arg'),
        isWithoutCache: isSwitchedOn(parsed, 'no-cache'),
      }),
  };
}
