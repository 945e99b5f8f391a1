import { readFile } from 'node:fs/promises';
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Pair } from 'yaml';
import type * as z from 'zod';
import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { expectedInLint, type LintSection } from './lint-section.ts';
import { OPTION_NAMES, type OptionName, type Settings } from './options.ts';
import { configFileSchema, expectedValue } from './schema.ts';

/** A configuration file after it was checked, with the line of each key. */
export interface ConfigFile {
  readonly path: string;
  readonly values: Partial<Settings>;
  readonly lint: LintSection;
  /** By key; keys of `lint:` as `lint.rules.rule-id`. */
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
    if (issue.path[0] === 'lint') throw lintFault(path, issue, lines);
    const unknownKey = issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys[0] : undefined;
    const name = unknownKey ?? String(issue.path[0]);
    if (unknownKey !== undefined) throw invalid(path, lines[name], `unknown option \`${name}\``, unknownHint(name));
    const written = JSON.stringify((data as Record<string, unknown>)[name]);
    const hint = name === '$schema' ? 'Write a URL or leave it out.' : `Write ${expectedValue(name as OptionName)}.`;
    throw invalid(path, lines[name], `\`${name}\` can't be \`${written}\``, hint);
  }
  const {
    $schema: _,
    lint = {},
    ...values
  } = checked.data as Partial<Settings> & { $schema?: string; lint?: LintSection };
  return { path, values, lint, lines };
}

function lintFault(path: string, issue: z.core.$ZodIssue, lines: Readonly<Record<string, number>>): SlipwayError {
  const unknown = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : undefined;
  const keys = [...issue.path, ...(unknown === undefined ? [] : [unknown])].map(String);
  const name = keys.slice(0, 3).join('.');
  const line = lines[name] ?? lines[keys.slice(0, 2).join('.')] ?? lines['lint'];
  const hint = `Write ${expectedInLint(unknown === undefined ? issue.path.slice(1) : [])}.`;
  return invalid(
    path,
    line,
    unknown === undefined ? `the value of \`${name}\` is wrong` : `unknown option \`${name}\``,
    hint,
  );
}

function unknownHint(name: string): string {
  const nearest = nearestWord(name, OPTION_NAMES);
  return nearest === undefined ? `The options are ${OPTION_NAMES.join(', ')}.` : `Did you mean \`${nearest}\`?`;
}

function keyLines(document: Document, lineCounter: LineCounter): Readonly<Record<string, number>> {
  const lines: Record<string, number> = {};
  if (!isMap(document.contents)) return lines;
  for (const pair of document.contents.items) {
    addLines(lines, pair, { prefix: '', lineCounter });
  }
  return lines;
}

function addLines(lines: Record<string, number>, pair: Pair, at: { prefix: string; lineCounter: LineCounter }): void {
  if (!isScalar(pair.key)) return;
  const name = `${at.prefix}${String(pair.key.value)}`;
  lines[name] = at.lineCounter.linePos(pair.key.range?.[0] ?? 0).line;
  if (name.split('.', 1)[0] !== 'lint' || !isMap(pair.value)) return;
  for (const inner of pair.value.items) addLines(lines, inner, { ...at, prefix: `${name}.` });
}

function invalid(path: string, line: number | undefined, message: string, hint?: string): SlipwayError {
  const location = `${path}:${line ?? 1}`;
  return new SlipwayError('CONFIG_INVALID', `${location}: ${message}`, { hint, location });
}
