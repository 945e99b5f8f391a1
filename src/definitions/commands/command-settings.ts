import type { InvocationPlace } from '../invocation.ts';
import type { Setting } from '../types.ts';
import { type PlacedText, rangeWithin } from '../yaml/scalar-text.ts';
import type { Argument } from './flags.ts';

export interface CommandSource {
  readonly place: InvocationPlace;
  /** The script the command stands in. */
  readonly placed: PlacedText;
  readonly label: string;
}

export function argumentSetting(argument: Argument, { place, placed }: CommandSource): Setting {
  const { text, certainty, isExact } = argument;
  const range = rangeWithin(placed, argument.start, argument.end);
  return { text, certainty, file: place.file, range, isExact: isExact && placed.isExact };
}

/** The parts of a comma list, each with the range of its own where the list stands in the file as it is. */
export function commaParts(setting: Setting): readonly Setting[] {
  let at = setting.range.start;
  return setting.text.split(',').flatMap((part) => {
    const start = at + (part.length - part.trimStart().length);
    at += part.length + 1;
    const text = part.trim();
    const certainty = /\$|`/.test(text) ? setting.certainty : 'known';
    const range = setting.isExact ? { start, end: start + text.length } : setting.range;
    return text === '' ? [] : [{ ...setting, text, certainty, range }];
  });
}
