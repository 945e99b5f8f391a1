import { entries, field, isMapping, isSequence, items, text, type YamlValue } from '../yaml/read-yaml.ts';
import type { Matrix } from './types.ts';

type Row = ReadonlyMap<string, string>;

/** GitHub's own limit for one run. */
const MAX_ROWS = 256;

/**
 * The rows of `strategy.matrix`: every combination, without those of `exclude`, with `include` merged into the rows it fits or added.
 * Source: docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
 */
export function readMatrix(strategy: YamlValue | undefined): Matrix {
  const matrix = field(strategy, 'matrix');
  if (matrix === undefined) return { rows: [new Map()], isOpen: strategy !== undefined && !isMapping(strategy) };
  if (!isMapping(matrix)) return { rows: [new Map()], isOpen: true };
  const axes = entries(matrix).filter(({ key }) => key !== 'include' && key !== 'exclude');
  let isOpen = [field(matrix, 'include'), field(matrix, 'exclude'), ...axes.map(({ value }) => value)].some(isUnread);
  let rows: readonly Row[] = [new Map()];
  for (const { key, value } of axes) {
    if (isUnread(value)) continue;
    rows = rows.flatMap((row) => items(value).map((item) => new Map([...row, ...flatten(key, item)])));
    if (rows.length <= MAX_ROWS) continue;
    rows = rows.slice(0, MAX_ROWS);
    isOpen = true;
  }
  const excluded = items(field(matrix, 'exclude')).map(rowOf);
  const kept = rows.filter((row) => !excluded.some((each) => isPartOf(each, row)));
  const combined = axes.length === 0 ? [] : kept;
  const included = include(combined, items(field(matrix, 'include')).map(rowOf));
  return { rows: included.length === 0 ? [new Map()] : included.slice(0, MAX_ROWS), isOpen };
}

function isUnread(value: YamlValue | undefined): boolean {
  if (value === undefined) return false;
  return !isSequence(value) || items(value).some((item) => /\$\{\{/.test(text(item) ?? ''));
}

function include(rows: readonly Row[], additions: readonly Row[]): readonly Row[] {
  const own = rows.map((row) => new Set(row.keys()));
  const merged = rows.map((row) => new Map(row));
  const added: Row[] = [];
  for (const addition of additions) {
    let isMerged = false;
    for (const [index, row] of rows.entries()) {
      const keys = own[index] ?? new Set();
      if ([...addition].some(([key, value]) => keys.has(key) && row.get(key) !== value)) continue;
      isMerged = true;
      for (const [key, value] of addition) merged[index]?.set(key, value);
    }
    if (!isMerged) added.push(addition);
  }
  return [...merged, ...added];
}

function isPartOf(part: Row, row: Row): boolean {
  return part.size > 0 && [...part].every(([key, value]) => row.get(key) === value);
}

function rowOf(value: YamlValue): Row {
  return new Map(entries(value).flatMap((each) => (each.value === undefined ? [] : flatten(each.key, each.value))));
}

/** `platform: {os: linux}` is read as `platform.os`. */
function flatten(key: string, value: YamlValue): readonly (readonly [string, string])[] {
  const plain = text(value);
  if (plain !== undefined) return [[key, plain]];
  return entries(value).flatMap((each) => (each.value === undefined ? [] : flatten(`${key}.${each.key}`, each.value)));
}
