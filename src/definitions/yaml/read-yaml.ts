import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import type { Range } from '../../dockerfile/tree.ts';
import type { DefinitionProblem } from '../types.ts';
import { type PlacedText, placeScalar } from './scalar-text.ts';

/** A node of a YAML file with what is needed to read it. Aliases are followed. */
export interface YamlValue {
  readonly file: YamlFile;
  readonly node: Node;
}

export interface YamlFile {
  readonly path: string;
  readonly text: string;
  /** One for each document that holds something. */
  readonly documents: readonly YamlValue[];
  /** As the parser made them: an alias finds its anchor there. */
  readonly parsed: readonly Document[];
  readonly problems: readonly DefinitionProblem[];
}

/** Reads YAML, and JSON as a part of it. A malformed file has problems and no documents. */
export function readYaml(path: string, text: string): YamlFile {
  const lineCounter = new LineCounter();
  const problems: DefinitionProblem[] = [];
  let documents: readonly Document[] = [];
  try {
    const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
    documents = Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    // The parser recurses: a file that nests without end is refused as any other malformed one.
    problems.push({ file: path, line: 1, column: 1, message: error instanceof Error ? error.message : String(error) });
  }
  for (const { errors } of documents) {
    for (const { pos, message } of errors) {
      const { line, col } = lineCounter.linePos(pos[0]);
      problems.push({ file: path, line, column: col, message: message.split('\n', 1)[0] ?? message });
    }
  }
  const values: YamlValue[] = [];
  const file: YamlFile = { path, text, documents: values, parsed: documents, problems };
  for (const { contents } of problems.length === 0 ? documents : []) {
    if (contents !== null) values.push({ file, node: contents });
  }
  return file;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyRange: Range;
  readonly value: YamlValue | undefined;
  /** From the key to the end of the value. */
  readonly range: Range;
}

/** A mapping may merge itself. */
const MAX_MERGES = 8;

/** The pairs of a mapping, those of merged mappings (`<<`) last; nothing for other nodes. */
export function entries(value: YamlValue | undefined, depth = 0): readonly YamlEntry[] {
  const map = resolve(value);
  if (map === undefined || !isMap(map.node)) return [];
  const own: YamlEntry[] = [];
  const merged: YamlEntry[] = [];
  for (const pair of map.node.items as YAMLMap<Node, Node | null>['items']) {
    const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (key === undefined) continue;
    const inner = pair.value === null ? undefined : { file: map.file, node: pair.value };
    if (key === '<<') {
      const sources = items(inner);
      for (const source of sources.length > 0 ? sources : [inner])
        if (depth < MAX_MERGES) merged.push(...entries(source, depth + 1));
      continue;
    }
    const keyRange = nodeRange(pair.key);
    const end = inner === undefined ? keyRange.end : nodeRange(inner.node).end;
    own.push({ key, keyRange, value: inner, range: { start: keyRange.start, end: Math.max(end, keyRange.end) } });
  }
  return [...own, ...merged.filter(({ key }) => !own.some((entry) => entry.key === key))];
}

export function entry(value: YamlValue | undefined, key: string): YamlEntry | undefined {
  return entries(value).find((each) => each.key === key);
}

/** The value under a key, or under a path of keys. */
export function field(value: YamlValue | undefined, ...path: readonly string[]): YamlValue | undefined {
  return path.reduce((at, key) => entry(at, key)?.value, value);
}

/** The members of a sequence; nothing for other nodes. */
export function items(value: YamlValue | undefined): readonly YamlValue[] {
  const list = resolve(value);
  if (list === undefined || !isSeq(list.node)) return [];
  return (list.node.items as readonly (Node | null)[]).flatMap((node) =>
    node === null ? [] : [{ file: list.file, node }],
  );
}

/** A scalar as text, `true` and `1.20` as they are written; undefined for other nodes and for nothing. */
export function scalar(value: YamlValue | undefined): PlacedText | undefined {
  const found = resolve(value);
  if (found === undefined || !isScalar(found.node) || found.node.value === null) return undefined;
  const { node } = found;
  const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  return placeScalar(text, found.file.text, nodeRange(node));
}

export function text(value: YamlValue | undefined): string | undefined {
  return scalar(value)?.text;
}

/** A scalar, or the scalars of a sequence. */
export function scalars(value: YamlValue | undefined): readonly PlacedText[] {
  const single = scalar(value);
  return single === undefined ? items(value).flatMap((item) => scalar(item) ?? []) : [single];
}

export function isMapping(value: YamlValue | undefined): boolean {
  return isMap(resolve(value)?.node);
}

export function isSequence(value: YamlValue | undefined): boolean {
  return isSeq(resolve(value)?.node);
}

/** Of the value as written, quotes included; an alias's own range. */
export function rangeOf(value: YamlValue): Range {
  return nodeRange(value.node);
}

function resolve(value: YamlValue | undefined): YamlValue | undefined {
  if (value === undefined || !isAlias(value.node)) return value;
  const { node, file } = value;
  for (const document of file.parsed) {
    const found = node.resolve(document) as Node | undefined;
    if (found !== undefined) return { file, node: found };
  }
  return undefined;
}

function nodeRange(node: Node): Range {
  const range = node.range;
  return range === undefined || range === null ? { start: 0, end: 0 } : { start: range[0], end: range[1] };
}
