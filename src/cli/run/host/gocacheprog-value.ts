import { SlipwayError } from '../../../core/errors.ts';
import type { ParsedWords } from '../../flag-words.ts';
import { PROG_OPTIONS } from '../../prog-options.ts';

/**
 * The value of GOCACHEPROG that starts this program with the options that were written for the run: the variables and the
 * configuration file hold for it as they do here. Throws USAGE for words that Go can't be told.
 */
export function gocacheprogValue(program: readonly string[], { flags }: Pick<ParsedWords, 'flags'>): string {
  const names = new Set(PROG_OPTIONS.map(({ name }) => name));
  const options = flags.flatMap(({ spec, value }) => (names.has(spec.name) ? [`--${spec.name}=${value}`] : []));
  return [...program, 'gocacheprog', ...options].map(quote).join(' ');
}

/** Go takes a word in single or in double quotes as it stands, without any escapes. Source: cmd/internal/quoted */
function quote(word: string): string {
  if (/^[^\s'"]+$/.test(word)) return word;
  const mark = ["'", '"'].find((one) => !word.includes(one));
  if (mark === undefined) {
    throw new SlipwayError('USAGE', `\`${word}\` can't be written into GOCACHEPROG: it has both kinds of quotes`, {
      hint: 'Name it by its variable, such as SLIPWAY_STORE.',
    });
  }
  return `${mark}${word}${mark}`;
}
