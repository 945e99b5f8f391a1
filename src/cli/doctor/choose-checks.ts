import { SlipwayError } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { CHECKS } from '../../doctor/checks.ts';
import type { Check } from '../../doctor/types.ts';

/** The checks of `--check a,b --check c`, in their own order; all where none is named. Throws USAGE for one that isn't there. */
export function chooseChecks(written: readonly string[]): readonly Check[] {
  const ids = written.flatMap((each) => each.split(',')).map((id) => id.trim());
  const known = CHECKS.map(({ id }) => id);
  const wrong = ids.find((id) => !known.includes(id));
  if (wrong !== undefined) {
    const nearest = nearestWord(wrong, known);
    throw new SlipwayError('USAGE', `there is no check \`${wrong}\``, {
      hint: nearest === undefined ? `Write one of ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`,
    });
  }
  return ids.length === 0 ? CHECKS : CHECKS.filter(({ id }) => ids.includes(id));
}
