import { findGoFlag, isSwitchedOn } from '../../dockerfile/go-command/read-go-command.ts';
import type { GoFlag } from '../../dockerfile/go-command/types.ts';
import { removeWords } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';

import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const forcedRebuildFlag: BuildRule = {
  id: 'forced-rebuild-flag',
  number: 9,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: '`-a` makes Go compile every package again',
  check: (build) => build.runs.flatMap((run) => run.commands.flatMap((command) => checkCommand(build, run, command))),
};

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Problem[] {
  const { go } = command;
  const flag = go?.kind === 'compile' && isSwitchedOn(go, 'a') ? findGoFlag(go, 'a') : undefined;
  if (go === undefined || flag === undefined) return [];
  const [word] = flag.words;
  const where = command.via.length === 0 ? '' : ` (reached by \`${command.via.join('` -> `')}\`)`;
  const source = flag.isFromGoFlags ? '`-a` in GOFLAGS' : `\`-a\` of \`go ${go.subcommand}\``;
  return [
    {
      file: word?.range === undefined ? build.file : command.file,
      range: word?.range ?? run.node.keywordRange,
      message: `${source} makes Go compile every package again, the standard library too, and the cache is only written${where}`,
      cost: 'a full compile in every build, however warm the cache is',
      fix: run.isTrigger ? undefined : fixOf(build, command, flag),
    },
  ];
}

/** A Makefile serves more than the image, so its flags are not ours to drop. */
function fixOf(build: ImageBuild, command: CommandFacts, flag: GoFlag): Fix | undefined {
  // Of GOFLAGS it has no word of its own.
  if (flag.words.length === 0) return undefined;
  const edits = removeWords(command, [...flag.words, ...suffixWords(command)]);
  return edits && { isSafe: command.file === build.file, title: 'Remove `-a`', edits };
}

/** `-installsuffix cgo` was only ever there to keep what `-a` compiled apart. */
function suffixWords({ go }: CommandFacts): GoFlag['words'] {
  return go?.flags.find(({ name, value }) => name === 'installsuffix' && value === 'cgo')?.words ?? [];
}
