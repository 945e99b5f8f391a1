import { SlipwayError } from '../../core/errors.ts';
import { SHELL_SCRIPTS } from '../complete/shell-scripts.ts';
import type { CommandHelp, LoadedCommand } from '../command-table.ts';
import type { ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { writeOut } from '../write-out.ts';

const SHELLS = Object.keys(SHELL_SCRIPTS);

const HELP: CommandHelp = {
  summary: 'Prints what a shell needs to finish words of slipway on Tab.',
  usage: `slipway completion ${SHELLS.join('|')}`,
  sections: [],
  notes: ["As `docker slipway` it needs nothing: docker's own completion asks slipway."],
  examples: [
    'source <(slipway completion bash)',
    'slipway completion zsh > "${fpath[1]}/_slipway"',
    'slipway completion fish > ~/.config/fish/completions/slipway.fish',
  ],
};

export const completionCommand: LoadedCommand = {
  flags: [],
  run: runCompletion,
  help: HELP,
  verbs: SHELLS.map((name) => ({ name, help: HELP })),
};

async function runCompletion(parsed: ParsedWords, io: CliIo): Promise<number> {
  const [shell, extra] = parsed.positionals;
  const script =
    shell !== undefined && extra === undefined && SHELLS.includes(shell) ? SHELL_SCRIPTS[shell] : undefined;
  if (script === undefined) {
    const written = shell === undefined ? 'nothing' : `\`${parsed.positionals.join(' ')}\``;
    throw new SlipwayError(
      'USAGE',
      `\`slipway completion\` takes one of ${SHELLS.join(', ')}, and ${written} follows it`,
      {
        hint: 'Write `slipway completion bash`.',
      },
    );
  }
  await writeOut(io.stdout, script);
  return 0;
}
