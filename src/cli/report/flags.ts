import { EXPLAIN_FLAGS } from '../explain/flags.ts';
import type { FlagSpec } from '../flag-words.ts';

export const REPORT_FLAGS: readonly FlagSpec[] = [
  {
    name: 'out',
    short: 'o',
    arity: 'value',
    placeholder: 'FILE',
    help: 'Where to write (`-`: standard output; default: slipway-report.html, for other formats `-`)',
  },
  { name: 'format', arity: 'value', placeholder: 'html|markdown|json', help: 'Form of the report (default: html)' },
  { name: 'open', arity: 'switch', help: 'Show the page in the browser' },
];

export const SOURCE_FLAGS: readonly FlagSpec[] = [
  {
    name: 'from-log',
    arity: 'value',
    placeholder: 'FILE',
    help: 'A build by anything, by what `--progress=rawjson` wrote (`-`: standard input)',
  },
  { name: 'bench', arity: 'value', placeholder: 'FILE', help: 'Add the results that `slipway bench --out` wrote' },
  { name: 'last', arity: 'value', placeholder: 'N', help: 'How many builds back growth is shown (default: 20)' },
];

/** Which build it is, in the words of `slipway explain`. */
export const BUILD_FLAGS: readonly FlagSpec[] = EXPLAIN_FLAGS.filter(({ name }) => name !== 'format');
