import type { FileTree } from '../../core/file-tree.ts';
import type { Range } from '../../dockerfile/tree.ts';
import { readSourceText } from '../../dockerfile/source-lines.ts';
import type { DefinitionProblem } from '../types.ts';
import { entries, isMapping, isSequence, items, rangeOf, readYaml, scalar, type YamlValue } from '../yaml/read-yaml.ts';
import type { HclAttribute, HclBlock, HclValue } from './hcl-types.ts';
import { HclError } from './hcl-cursor.ts';
import { parseHcl, parseTemplate } from './parse-hcl.ts';

/** A `target`, `group` or `variable` as one file states it. */
export interface BakeBlock {
  readonly type: 'target' | 'group' | 'variable';
  readonly name: string;
  readonly file: string;
  readonly range: Range;
  readonly attributes: ReadonlyMap<string, PlacedValue>;
}

/** A value and the file that its range belongs to: an inherited one may stand in another. */
export interface PlacedValue {
  readonly file: string;
  readonly value: HclValue;
  /** Of `name = value`. */
  readonly range: Range;
}

export interface BakeFile {
  readonly path: string;
  readonly blocks: readonly BakeBlock[];
  readonly problems: readonly DefinitionProblem[];
}

/** The names that bake looks for by itself, in its order; later ones add to and override earlier ones. */
export const BAKE_FILES: readonly string[] = [
  'docker-bake.json',
  'docker-bake.hcl',
  'docker-bake.override.json',
  'docker-bake.override.hcl',
];

export function isBakePath(path: string): boolean {
  return /(?:^|\/)(?:docker-)?bake(?:[.-][\w.-]+)?\.(?:hcl|json)$/.test(path);
}

export function readBakeFile(tree: FileTree, path: string): BakeFile {
  const text = tree.read(path);
  if (text === undefined) return { path, blocks: [], problems: [] };
  return path.endsWith('.json') ? readJson(path, text) : readHcl(path, text);
}

function readHcl(path: string, text: string): BakeFile {
  try {
    return { path, blocks: parseHcl(text).blocks.flatMap((block) => toBlock(path, block) ?? []), problems: [] };
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    const { line, column } = readSourceText(text).positionAt(Math.min(error.offset, text.length));
    return { path, blocks: [], problems: [{ file: path, line, column, message: error.message }] };
  }
}

function toBlock(file: string, { type, labels, attributes, range }: HclBlock): BakeBlock | undefined {
  const [name] = labels;
  if (name === undefined || !isBlockType(type)) return undefined;
  return { type, name, file, range, attributes: new Map(attributes.map((each) => [each.name, placed(file, each)])) };
}

function placed(file: string, { value, range }: HclAttribute): PlacedValue {
  return { file, value, range };
}

function isBlockType(type: string): type is BakeBlock['type'] {
  return type === 'target' || type === 'group' || type === 'variable';
}

function readJson(path: string, text: string): BakeFile {
  const file = readYaml(path, text);
  const blocks: BakeBlock[] = [];
  for (const section of entries(file.documents[0])) {
    const { key: type } = section;
    if (!isBlockType(type)) continue;
    for (const { key: name, range, value } of entries(section.value)) {
      const attributes = entries(value).flatMap((each) => fromJson(each.key, each.value, each.range) ?? []);
      blocks.push({
        type,
        name,
        file: path,
        range,
        attributes: new Map(attributes.map((each) => [each.name, placed(path, each)])),
      });
    }
  }
  return { path, blocks, problems: file.problems };
}

function fromJson(name: string, value: YamlValue | undefined, range: Range): HclAttribute | undefined {
  const read = value === undefined ? undefined : jsonValue(value);
  return read === undefined ? undefined : { name, value: read, range };
}

/** Strings of JSON bake files hold templates too. */
function jsonValue(value: YamlValue): HclValue {
  const range = rangeOf(value);
  if (isSequence(value)) return { kind: 'list', items: items(value).map(jsonValue), range };
  if (isMapping(value)) {
    const members = entries(value).flatMap((each) => fromJson(each.key, each.value, each.range) ?? []);
    return { kind: 'object', entries: members, range };
  }
  const found = scalar(value);
  if (found === undefined) return { kind: 'literal', text: 'null', range };
  if (found.range.start === range.start) return { kind: 'literal', text: found.text, range };
  try {
    const template = parseTemplate(found.text, found.range.start);
    return { ...template, range: found.range };
  } catch (error) {
    if (error instanceof HclError) return { kind: 'unknown', text: found.text, range };
    throw error;
  }
}
