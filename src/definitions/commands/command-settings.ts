import type { InvocationPlace } from '../invocation.ts';
import type { Setting } from '../types.ts';
import { spansBetween } from '../values/placed-value.ts';
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
  return spansBetween(setting.text, /,/g).map(({ start, end }) => {
    const text = setting.text.slice(start, end);
    const certainty = /\$|`/.test(text) ? setting.certainty : 'known';
    const from = setting.range.start;
    const range = setting.isExact ? { start: from + start, end: from + end } : setting.range;
    return { ...setting, text, certainty, range };
  });
}
