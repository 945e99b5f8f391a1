import { joinMapped, sliceMapped, sourceRange, standInText, type MappedText } from '../../shell/mapped-text.ts';
import { expandDollar } from './expand.ts';
import type { ExpandContext } from './functions.ts';
import { UNKNOWN } from './text.ts';

/** How something unknown looks to the shell reader: a variable that nobody sets. */
const UNKNOWN_FOR_SHELL = '${unknown_to_slipway}';

/** A line of a recipe as the shell gets it, with the way back to the file; several lines where a variable holds several. */
export function expandRecipeLine(line: MappedText, context: ExpandContext): readonly MappedText[] {
  const parts: MappedText[] = [];
  const { text } = line;
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at);
    const until = dollar < 0 ? text.length : dollar;
    if (until > at) parts.push(sliceMapped(line, { start: at, end: until }));
    if (dollar < 0) break;
    const { value, end } = expandDollar(text, dollar, context);
    const source = sourceRange(line, { start: dollar, end: Math.min(end, text.length) });
    const shown = value.replaceAll(UNKNOWN, () => UNKNOWN_FOR_SHELL);
    if (shown !== '') parts.push(standInText(shown, source));
    at = end;
  }
  const whole = parts.length > 0 ? joinMapped(parts) : sliceMapped(line, { start: 0, end: 0 });
  return splitLines(whole);
}

/** At line ends, but not at those that a backslash escapes. */
function splitLines(mapped: MappedText): readonly MappedText[] {
  const { text } = mapped;
  if (!text.includes('\n')) return [mapped];
  const lines: MappedText[] = [];
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    const slashes = /\\*\r?$/.exec(text.slice(Math.max(at - 100, start), at))?.[0].replace('\r', '').length ?? 0;
    if (slashes % 2 === 1) continue;
    lines.push(sliceMapped(mapped, { start, end: at }));
    start = at + 1;
  }
  if (start < text.length) lines.push(sliceMapped(mapped, { start, end: text.length }));
  return lines;
}

/** Takes off `@`, `-` and `+` and the space around them, as make does before it runs the line. */
export function withoutPrefix(line: MappedText): MappedText {
  const length = /^[ \t@+-]*/.exec(line.text)?.[0].length ?? 0;
  return length === 0 ? line : sliceMapped(line, { start: length, end: line.text.length });
}
