import { readFile } from 'node:fs/promises';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { OPTION_NAMES, type OptionName, type Settings } from './options.ts';
import { configFileSchema, expectedValue } from './schema.ts';

/** A configuration file after it was checked, with the line of each key. */
export interface ConfigFile {
  readonly path: string;
  readonly values: Partial<Settings>;
  readonly lines: Readonly<Record<string, number>>;
}

export async function readConfigFile(path: string): Promise<ConfigFile> {
  return parseConfigFile(path, await readFile(path, 'utf8'));
}

/** Checks a file's text against the schema. Every fault names the file and line and says what to write instead. */
export function parseConfigFile(path: string, text: string): ConfigFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, schema: path.endsWith('.json') ? 'json' : 'core' });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const summary = fault.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? fault.message;
    throw invalid(
      path,
      lineCounter.linePos(fault.pos[0]).line,
      `not valid ${path.endsWith('.json') ? 'JSON' : 'YAML'}: ${summary}`,
    );
  }
  const data: unknown = document.toJS() ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) {
    throw invalid(path, 1, 'the file must hold `option: value` lines', 'Write for example `cache-timeout: 20`.');
  }
  const lines = keyLines(document, lineCounter);
  const checked = configFileSchema().safeParse(data);
  const issue = checked.error?.issues[0];
  if (issue !== undefined) {
    const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const name = unknownKey ?? String(issue.path[0]);
    if (unknownKey !== undefined) throw invalid(path, lines[name], `unknown option \`${name}\``, unknownHint(name));
    const written = JSON.stringify((data as Record<string, unknown>)[name]);
    const hint = name === '$schema' ? 'Write a URL or leave it out.' : `Write ${expectedValue(name as OptionName)}.`;
    throw invalid(path, lines[name], `\`${name}\` can't be \`${written}\``, hint);
  }
  const { $schema: _, ...values } = checked.data as Partial<Settings> & { $schema?: string };
  return { path, values, lines };
}

function unknownHint(name: string): string {
  const nearest = nearestWord(name, OPTION_NAMES);
  return nearest === undefined ? `The options are ${OPTION_NAMES.join(', ')}.` : `Did you mean \`${nearest}\`?`;
}

function keyLines(document: Document, lineCounter: LineCounter): Readonly<Record<string, number>> {
  const lines: Record<string, number> = {};
  if (!isMap(document.contents)) return lines;
  for (const pair of document.contents.items) {
    if (!isScalar(pair.key)) continue;
    lines[String(pair.key.value)] = lineCounter.linePos(pair.key.range?.[0] ?? 0).line;
  }
  return lines;
}

function invalid(path: string, line: number | undefined, message: string, hint?: string): SlipwayError {
  const location = `${path}:${line ?? 1}`;
  return new SlipwayError('CONFIG_INVALID', `${location}: ${message}`, { hint, location });
}
