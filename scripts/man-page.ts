import { COMMANDS, type CommandHelp } from '../src/cli/command-table.ts';
import type { FlagSpec } from '../src/cli/flag-words.ts';
import { ROOT_HELP } from '../src/cli/help-text.ts';
import { EXIT_CODES } from '../src/core/errors.ts';

/** `man/slipway.1`, from the command table. Source of the macros: man(7) of groff 1.23. */
export async function formatManPage(): Promise<string> {
  const parts = [
    '.TH SLIPWAY 1',
    '.SH NAME',
    'slipway \\- Go builds in Docker that start warm',
    '.SH SYNOPSIS',
    '.B slipway',
    '.I COMMAND',
    '[\\fIOPTIONS\\fR]',
    '.SH DESCRIPTION',
    text(ROOT_HELP.split('\n')[0] ?? ''),
    '.SH COMMANDS',
  ];
  for (const { name, load } of COMMANDS) {
    const { help, verbs = [] } = await load();
    parts.push(...section(`slipway ${name}`, help));
    // Verbs that share their command's page are told there.
    for (const verb of verbs) if (verb.help !== help) parts.push(...section(`slipway ${name} ${verb.name}`, verb.help));
  }
  parts.push('.SH EXIT STATUS', ...exitStatus());
  return `${parts.join('\n')}\n`;
}

function section(title: string, help: CommandHelp): readonly string[] {
  return [
    `.SS ${text(title)}`,
    text(help.summary),
    '.PP',
    `Usage: ${text(help.usage)}`,
    ...help.sections.flatMap(({ title: name, flags }) => [
      '.PP',
      `${text(name)}:`,
      ...flags.filter((flag) => flag.isHidden !== true).flatMap(option),
    ]),
    ...(help.notes ?? []).flatMap((note) => ['.PP', '.nf', text(note), '.fi']),
    '.PP',
    'Examples:',
    '.PP',
    '.nf',
    '.RS',
    ...help.examples.map(text),
    '.RE',
    '.fi',
  ];
}

function option({ name, short, placeholder, help }: FlagSpec): readonly string[] {
  const names = [...(short === undefined ? [] : [`\\fB\\-${short}\\fR`]), `\\fB${text(`--${name}`)}\\fR`].join(', ');
  return ['.TP', placeholder === undefined ? names : `${names} \\fI${text(placeholder)}\\fR`, text(help)];
}

function exitStatus(): readonly string[] {
  const told: readonly (readonly [string, string])[] = [
    ['0', 'All went well.'],
    ['1', "There are findings, or the build failed; BuildKit's own code where it has another."],
    [String(EXIT_CODES.USAGE), 'Wrong usage, configuration or input, before anything ran.'],
    ['3', "slipway's own work failed, also a fault of the cache under --strict-cache."],
    ['130, 143', 'A signal ended it.'],
  ];
  return told.flatMap(([code, meaning]) => ['.TP', `\\fB${code}\\fR`, text(meaning)]);
}

/** Text that roff takes as it is: no escapes, plain hyphens and quotes, no line that begins like a request. */
function text(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^(?=\.)/gm, '\\&')
    .replaceAll(
      /[^\x00-\x7f]/gu,
      (letter) => `\\[u${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}
