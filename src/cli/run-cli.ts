import { isSlipwayError, SlipwayError } from '../core/errors.ts';
import { rememberSecretsOf } from '../core/redact.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { COMMANDS } from './command-table.ts';
import { isSwitchedOn, parseWords, type FlagSpec } from './flag-words.ts';
import { CLOSE_TREES } from '../session/own-command.ts';
import { formatHelp } from './format-help.ts';
import { ROOT_HELP } from './help-text.ts';
import type { CliIo } from './io.ts';
import { printError } from './print-error.ts';
import { writeOut } from './write-out.ts';

const HELP_FLAG: FlagSpec = { name: 'help', short: 'h', arity: 'switch', help: 'Print this help' };

/** Runs one command line and gives its exit code. Every error ends here, in words and with its code. */
export async function runCli(words: readonly string[], io: CliIo): Promise<number> {
  rememberSecretsOf(io.env);
  // What stands behind `--` is somebody else's.
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const isDebug = own.some((word) => word === '--debug' || word === '-D') || io.env['SLIPWAY_DEBUG'] === '1';
  try {
    return await dispatch(words, io);
  } catch (thrown) {
    const error = io.signal.aborted ? io.signal.reason : thrown;
    printError(io.stderr, error, isDebug);
    return isSlipwayError(error) ? error.exitCode : 3;
  }
}

async function dispatch(words: readonly string[], io: CliIo): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    await writeOut(io.stdout, ROOT_HELP);
    return 0;
  }
  if (name === '__complete') {
    const { formatCandidates } = await import('./complete/format-candidates.ts');
    const { planCompletion } = await import('./complete/plan-completion.ts');
    await writeOut(io.stdout, formatCandidates(await planCompletion(rest, COMMANDS)));
    return 0;
  }
  if (name === CLOSE_TREES) {
    const { closeTreesOfWill } = await import('./close-trees.ts');
    return closeTreesOfWill(io);
  }
  if (name === 'help') return dispatch([...rest, '--help'], io);
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  const parsed = parseWords(rest, [...command.flags, HELP_FLAG]);
  if (isSwitchedOn(parsed, HELP_FLAG.name)) {
    const verb = command.verbs?.find((one) => one.name === parsed.positionals[0]);
    await writeOut(io.stdout, formatHelp((verb ?? command).help));
    return 0;
  }
  return command.run(parsed, io);
}

function unknownCommand(name: string): SlipwayError {
  if (name.startsWith('-')) {
    return new SlipwayError('USAGE', `\`${name}\` can't stand before the command`, {
      hint: 'Write the command first, for example `slipway build -t app .`',
    });
  }
  const nearest = nearestWord(
    name,
    COMMANDS.map((command) => command.name),
  );
  return new SlipwayError('USAGE', `unknown command \`${name}\``, {
    hint: nearest === undefined ? 'See `slipway --help`.' : `Did you mean \`slipway ${nearest}\`?`,
  });
}
