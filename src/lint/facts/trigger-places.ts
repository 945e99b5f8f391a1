import type { InstructionNode, Range } from '../../dockerfile/tree.ts';
import type { ShellWord } from '../../shell/types.ts';
import type { CommandFacts } from './command.ts';
import type { MountFacts } from './mount.ts';

/*
 * What ONBUILD of a base stage brings is parsed as a text of its own, so its places say nothing in the Dockerfile: all of it stands at the
 * FROM that brings it, and none of it can be edited.
 */

export function nodeAt(node: InstructionNode, range: Range): InstructionNode {
  return { ...node, range, keywordRange: range };
}

export function mountsAt(mounts: readonly MountFacts[], range: Range): readonly MountFacts[] {
  return mounts.map((mount) => ({ ...mount, range, fields: mount.fields.map((field) => ({ ...field, range })) }));
}

/** Commands of make targets and scripts keep the places in their files. */
export function commandsAt(
  commands: readonly CommandFacts[],
  { file, range }: { readonly file: string; readonly range: Range },
): readonly CommandFacts[] {
  const place = (words: readonly ShellWord[]): readonly ShellWord[] =>
    words.map((word) => ({ ...word, range, isExact: false }));
  return commands.map((command) => {
    if (command.file !== file) return command;
    const go = command.go && {
      ...command.go,
      flags: command.go.flags.map((flag) => ({ ...flag, words: place(flag.words) })),
      packages: place(command.go.packages),
      programArguments: place(command.go.programArguments),
    };
    return { ...command, range, isExact: false, words: place(command.words), go };
  });
}
