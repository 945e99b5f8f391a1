import type { CommandHelp } from './command-table.ts';
import type { FlagSpec } from './flag-words.ts';

/** A command's help page: what it does, how it is called, its flags, examples. */
export function formatHelp(help: CommandHelp): string {
  const sections = help.sections.map(({ title, flags }) => {
    const visible = flags.filter((flag) => flag.isHidden !== true);
    const width = Math.min(36, Math.max(...visible.map((flag) => formatFlag(flag).length)));
    return [`${title}:`, ...visible.map((flag) => formatFlagLine(flag, width))].join('\n');
  });
  const examples = ['Examples:', ...help.examples.map((example) => `  ${example}`)].join('\n');
  return `${[help.summary, `Usage: ${help.usage}`, ...sections, ...(help.notes ?? []), examples].join('\n\n')}\n`;
}

function formatFlagLine(flag: FlagSpec, width: number): string {
  const left = formatFlag(flag);
  return left.length > width
    ? `  ${left}\n  ${' '.repeat(width)}  ${flag.help}`
    : `  ${left.padEnd(width)}  ${flag.help}`;
}

function formatFlag(flag: FlagSpec): string {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return `${short}--${flag.name}${flag.placeholder === undefined ? '' : ` ${flag.placeholder}`}`;
}
