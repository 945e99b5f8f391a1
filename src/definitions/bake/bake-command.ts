import { type Argument, readFlags } from '../commands/flags.ts';
import type { ScriptSource } from '../commands/read-script.ts';
import type { ExpandedCommand } from '../commands/script-commands.ts';
import type { BuildInvocation, Setting } from '../types.ts';
import { rangeWithin } from '../yaml/scalar-text.ts';
import { bakeBuilds } from './bake-builds.ts';

/** The builds of a `docker buildx bake` command. */
export function bakeFromCommand(
  command: ExpandedCommand,
  words: readonly Argument[],
  source: ScriptSource,
): readonly BuildInvocation[] {
  const { directory } = command;
  if (directory === undefined) return [];
  const { flags, positionals } = readFlags(words);
  const texts = (name: string): readonly string[] =>
    flags.flatMap((flag) => (flag.name === name ? [flag.value?.text ?? ''] : []));
  const toSetting = (argument: Argument): Setting => {
    const range = rangeWithin(source.placed, argument.start, argument.end);
    return {
      text: argument.text,
      certainty: argument.certainty,
      file: source.place.file,
      range,
      isExact: argument.isExact,
    };
  };
  const noCache = flags.findLast((flag) => flag.name === '--no-cache' && flag.value?.text !== 'false');
  return bakeBuilds({
    tree: source.tree,
    place: source.place,
    directory,
    files: texts('--file'),
    targets: positionals.map(({ text }) => text),
    overrides: flags.flatMap((flag) =>
      flag.name === '--set' && flag.value !== undefined ? [toSetting(flag.value)] : [],
    ),
    environment: (name) => source.variables.get(name),
    noCache:
      noCache === undefined
        ? undefined
        : { ...toSetting({ text: 'true', certainty: 'known', isExact: true, ...noCache.range }) },
    isPushed: flags.some(({ name }) => name === '--push'),
    labelPrefix: `${source.label}, `,
  });
}
