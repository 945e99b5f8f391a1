import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { SCENARIOS, STRATEGIES } from './cells.ts';
import type { Measure } from './compare.ts';
import type { ScenarioName, StrategyName } from './results.ts';

/** Which cells a condition is about; what is undefined is any. */
export interface CellPattern {
  readonly strategy?: StrategyName;
  readonly scenario?: ScenarioName;
  readonly cgo?: 0 | 1;
}

/** `slipway/edit-main:slower>10%`, read. */
export interface Condition {
  /** As it was written. */
  readonly text: string;
  readonly cells: CellPattern;
  readonly measure: Measure;
  /** `ratio`: the limit is a multiple of the run before, 1.1 for 10 %; `amount`: seconds or bytes of this run. */
  readonly kind: 'ratio' | 'amount';
  readonly limit: number;
}

interface Word {
  readonly measure: Measure;
  readonly ratio: boolean;
  readonly amount?: 'seconds' | 'bytes';
  readonly example: string;
}

const WORDS: Readonly<Record<string, Word>> = {
  slower: { measure: 'seconds', ratio: true, example: 'slower>10%' },
  seconds: { measure: 'seconds', ratio: false, amount: 'seconds', example: 'seconds>30' },
  'bytes-down': { measure: 'bytes-down', ratio: true, amount: 'bytes', example: 'bytes-down>1.2x' },
  'bytes-up': { measure: 'bytes-up', ratio: true, amount: 'bytes', example: 'bytes-up>20MB' },
  stored: { measure: 'stored', ratio: true, amount: 'bytes', example: 'stored>5%' },
};

const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Conditions as `--fail-if` has them, several in a word with commas between. Throws USAGE that says what can be written. */
export function parseFailIf(words: readonly string[]): readonly Condition[] {
  return words.flatMap((word) => word.split(',').map((part) => parseCondition(part.trim())));
}

function parseCondition(text: string): Condition {
  const match = /^(?:(?<cells>[^:<>=]*):)?\s*(?<word>[^:<>=]*?)\s*>\s*(?<limit>[^:<>=]*)$/.exec(text);
  if (match?.groups === undefined)
    throw fault(text, 'has not the form `WORD>LIMIT`', `Write for example ${examples()}.`);
  const { cells, word: name = '', limit = '' } = match.groups;
  const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (word === undefined) throw unknown(text, 'compares no', name, Object.keys(WORDS));
  return { text, cells: parseCells(text, cells), measure: word.measure, ...parseLimit(text, limit.trim(), word) };
}

function parseCells(text: string, cells: string | undefined): CellPattern {
  if (cells === undefined) return {};
  const [strategy = '', scenario, cgo, ...more] = cells.trim().split('/');
  if (more.length > 0)
    throw fault(text, 'names too much', 'Write `STRATEGY`, `STRATEGY/SCENARIO` or `STRATEGY/SCENARIO/cgo`.');
  if (cgo !== undefined && cgo !== 'cgo' && cgo !== 'no-cgo') throw unknown(text, 'names no', cgo, ['cgo', 'no-cgo']);
  return {
    strategy: oneOf(text, strategy, STRATEGIES),
    scenario: scenario === undefined ? undefined : oneOf(text, scenario, SCENARIOS),
    cgo: cgo === undefined ? undefined : cgo === 'cgo' ? 1 : 0,
  };
}

function oneOf<T extends string>(text: string, name: string, known: readonly T[]): T | undefined {
  if (name === '*') return undefined;
  const found = known.find((one) => one === name);
  if (found === undefined) throw unknown(text, 'names no', name, [...known, '*']);
  return found;
}

function parseLimit(text: string, limit: string, word: Word): Pick<Condition, 'kind' | 'limit'> {
  const match = /^(?<number>\d+(?:\.\d+)?|\.\d+)\s*(?<unit>%|[A-Za-z]*)$/.exec(limit);
  const number = Number(match?.groups?.['number']);
  const unit = match?.groups?.['unit'] ?? '';
  if (match !== null && Number.isFinite(number)) {
    if (word.ratio && unit === '%') return { kind: 'ratio', limit: 1 + number / 100 };
    if (word.ratio && unit === 'x') return { kind: 'ratio', limit: number };
    if (word.amount === 'seconds' && (unit === '' || unit === 's')) return { kind: 'amount', limit: number };
    const size = Object.hasOwn(BYTES, unit) ? BYTES[unit] : undefined;
    if (word.amount === 'bytes' && size !== undefined) return { kind: 'amount', limit: number * size };
  }
  const forms = [
    ...(word.ratio ? ['`10%` (more than before)', '`1.1x` (times before)'] : []),
    ...(word.amount === 'seconds' ? ['`30` (seconds)'] : []),
    ...(word.amount === 'bytes' ? ['`20MB` (B, kB, MB, GB, TB)'] : []),
  ];
  throw fault(text, `has the limit \`${limit}\``, `Write ${forms.join(' or ')}, as in \`${word.example}\`.`);
}

function unknown(text: string, verb: string, name: string, known: readonly string[]): SlipwayError {
  const nearest = nearestWord(name, known);
  const meant = nearest === undefined ? '' : `Did you mean \`${nearest}\`? `;
  return fault(text, `${verb} \`${name}\``, `${meant}There are ${known.join(', ')}.`);
}

function examples(): string {
  return [...Object.values(WORDS).map(({ example }) => example), 'slipway/edit-main:slower>10%']
    .map((example) => `\`${example}\``)
    .join(', ');
}

function fault(text: string, what: string, hint: string): SlipwayError {
  return new SlipwayError('USAGE', `\`--fail-if ${text}\` ${what}`, { hint });
}
