import { SlipwayError } from '../../core/errors.ts';
import { exactText, type MappedText, joinMapped } from '../../shell/mapped-text.ts';
import { isSkipping, readConditional, type ConditionalState } from './conditionals.ts';
import { defineVariable } from './define.ts';
import { contextAt, expandText } from './expand.ts';
import type { ExpandContext } from './functions.ts';
import { joinContinuations, splitMakeLines, stripComment, type MakeLine } from './lines.ts';
import { noteNotFollowed, type MakeReading } from './reading.ts';
import { readRule, type OpenRule } from './read-rule.ts';
import { findOutside, isUnknownText, splitWords } from './text.ts';
import { findVariable, parseDefinition, setMakeVariable, type VariableDefinition } from './variables.ts';
import { expandWildcard, resolveIn } from './wildcard.ts';

/**
 * Reads a Makefile into the reading, line by line as make does: what a line means depends on the variables set above it.
 * Throws INPUT_INVALID for files that include each other in a circle. `path` is a path of the tree.
 */
export function readMakefile(reading: MakeReading, path: string, includedBy: readonly string[] = []): void {
  const text = reading.tree.read(path);
  if (text === undefined) return;
  const reader: Reader = { reading, path, stack: [...includedBy, path], conditionals: [], open: undefined };
  const lines = splitMakeLines(text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text);
  const list = findVariable(reading.globals, 'MAKEFILE_LIST')?.value ?? '';
  reading.globals.variables.set('MAKEFILE_LIST', {
    value: `${list} ${relativeTo(reading.directory, path)}`,
    isRecursive: false,
    origin: 'file',
  });
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (line !== undefined) index = readLine(reader, lines, index, line);
  }
  const last = lines.at(-1);
  if (reader.conditionals.length > 0 && last !== undefined) {
    noteNotFollowed(reading, { file: path, line: last.line }, 'an `ifeq` without its `endif`');
  }
}

interface Reader {
  readonly reading: MakeReading;
  readonly path: string;
  /** This file and those that include it. */
  readonly stack: readonly string[];
  readonly conditionals: ConditionalState[];
  open: OpenRule | undefined;
}

function relativeTo(directory: string, path: string): string {
  return directory !== '' && path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
}

/** Reads one line and returns the index of the last one that belongs to it. */
function readLine(reader: Reader, lines: readonly MakeLine[], index: number, line: MakeLine): number {
  const { reading, path } = reader;
  const context = contextAt(reading, reading.globals, { file: path, line: line.line });
  if (reader.open !== undefined && line.raw.startsWith(reading.recipePrefix)) {
    if (!isSkipping(reader.conditionals)) addRecipeLine(reader.open, line, reading, path);
    return index;
  }
  if (line.raw.startsWith(reading.recipePrefix) && isSkipping(reader.conditionals)) return index;
  const text = stripComment(joinContinuations(line.raw));
  if (text.trim() === '') return index;
  if (readConditional(text, reader.conditionals, context)) return index;
  const define = /^[ \t]*(?:(override|export)[ \t]+)?define(?:[ \t]+|$)(.*)$/s.exec(text);
  if (define !== null) return readDefine(reader, lines, index, { context, head: define[2] ?? '', modifier: define[1] });
  if (isSkipping(reader.conditionals)) return index;
  readStatement(reader, text, line, context);
  return index;
}

function addRecipeLine(open: OpenRule, line: MakeLine, reading: MakeReading, file: string): void {
  open.recipe.push({ file, line: line.line, text: recipeText(line, 0, reading.recipePrefix) });
}

/** The recipe behind `target: prerequisites ;`, as the file has it. */
function recipeBehindSemicolon(line: MakeLine, prefix: string): MappedText | undefined {
  const semicolon = line.raw.includes(';') ? findOutside(line.raw, 0, (char) => char === ';') : -1;
  if (semicolon < 0) return undefined;
  const space = /^[ \t]*/.exec(line.raw.slice(semicolon + 1))?.[0].length ?? 0;
  return recipeText(line, semicolon + 1 + space, prefix);
}

/** A line of a recipe from a place on, without the prefix at the start of each physical line. */
function recipeText(line: MakeLine, from: number, prefix: string): MappedText {
  const parts: MappedText[] = [];
  let offset = line.start + from;
  for (const physical of line.raw.slice(from).split(/(?<=\n)/)) {
    const isLineStart = parts.length > 0 || from === 0;
    const cut = isLineStart && physical.startsWith(prefix) ? prefix.length : 0;
    const text = physical.slice(cut);
    if (text !== '') parts.push(exactText(text, offset + cut));
    offset += physical.length;
  }
  return parts.length > 0 ? joinMapped(parts) : exactText('', line.start + from);
}

interface DefineHead {
  readonly context: ExpandContext;
  readonly head: string;
  readonly modifier: string | undefined;
}

function readDefine(reader: Reader, lines: readonly MakeLine[], index: number, define: DefineHead): number {
  const body: string[] = [];
  let depth = 1;
  let at = index + 1;
  for (; at < lines.length; at++) {
    const raw = lines[at]?.raw ?? '';
    if (!raw.startsWith(reader.reading.recipePrefix)) {
      if (/^ *define(?:[ \t]|$)/.test(raw)) depth++;
      if (/^ *endef[ \t]*(?:#.*)?$/.test(raw) && --depth === 0) break;
    }
    body.push(joinContinuations(raw));
  }
  reader.open = undefined;
  if (isSkipping(reader.conditionals)) return at;
  if (at >= lines.length) noteNotFollowed(reader.reading, define.context.place, 'a `define` without its `endef`');
  const head = /^(.*?)[ \t]*(:{1,3}=|[?+!]?=)?[ \t]*$/s.exec(define.head);
  const operator = head?.[2] ?? '=';
  const definition: VariableDefinition = {
    name: head?.[1] ?? '',
    operator: operator.startsWith(':') ? ':=' : (operator as VariableDefinition['operator']),
    value: body.join('\n'),
  };
  const { globals } = reader.reading;
  defineVariable(definition, define.context, {
    origin: define.modifier === 'override' ? 'override' : 'file',
    into: globals,
  });
  if (define.modifier === 'export') reader.reading.exported.set(definition.name.trim(), true);
  return at;
}

function readStatement(reader: Reader, text: string, line: MakeLine, context: ExpandContext): void {
  const { reading } = reader;
  const definition = parseDefinition(text);
  if (definition !== undefined) {
    reader.open = undefined;
    defineVariable(definition, context, { origin: 'file', into: reading.globals });
    return;
  }
  const [, word = '', rest = ''] = /^[ \t]*([-\w]+)(?:[ \t]+(.*))?$/s.exec(text) ?? [];
  switch (word) {
    case 'export':
    case 'unexport':
      reader.open = undefined;
      readExport(rest, word === 'export', context);
      return;
    case 'override':
    case 'private': {
      reader.open = undefined;
      const inner = parseDefinition(rest.replace(/^(?:override|export|private)[ \t]+/, ''));
      const origin = text.includes('override') ? 'override' : 'file';
      if (inner !== undefined) defineVariable(inner, context, { origin, into: reading.globals });
      return;
    }
    case 'undefine':
      reading.globals.variables.delete(expandText(rest, context).trim());
      return;
    case 'include':
    case '-include':
    case 'sinclude':
      reader.open = undefined;
      readInclude(reader, rest, word === 'include', context);
      return;
    case 'vpath':
      noteNotFollowed(reading, context.place, '`vpath`');
      return;
    case 'load':
    case '-load':
      noteNotFollowed(reading, context.place, '`load`');
      return;
    case 'endef':
      return;
  }
  const open = readRule(text, context, recipeBehindSemicolon(line, reading.recipePrefix));
  reader.open = open;
  for (const rule of open?.rules ?? []) noteSpecialTargets(rule.targets, rule.prerequisites, context);
}

function noteSpecialTargets(
  targets: readonly string[],
  prerequisites: readonly string[],
  { reading }: ExpandContext,
): void {
  if (targets.includes('.EXPORT_ALL_VARIABLES') && prerequisites.length === 0) reading.exportsAll = true;
}

/** `export NAME = value`, `export A B`, `export` */
function readExport(rest: string, isExported: boolean, context: ExpandContext): void {
  const { reading } = context;
  const plain = rest.replace(/^(?:override|private)[ \t]+/, '');
  const definition = parseDefinition(plain);
  if (definition !== undefined) {
    const origin = plain === rest ? 'file' : 'override';
    defineVariable(definition, context, { origin, into: reading.globals });
    reading.exported.set(expandText(definition.name, context).trim(), isExported);
    return;
  }
  const names = splitWords(expandText(rest, context));
  if (names.length === 0) reading.exportsAll = isExported;
  for (const name of names) reading.exported.set(name, isExported);
}

function readInclude(reader: Reader, rest: string, isNeeded: boolean, context: ExpandContext): void {
  const { reading, stack } = reader;
  const { file, line } = context.place;
  for (const word of splitWords(expandText(rest, context))) {
    if (isUnknownText(word)) {
      noteNotFollowed(reading, context.place, `\`include ${rest.trim()}\``);
      continue;
    }
    const found = expandWildcard(reading.tree, reading.directory, word);
    if (found.length === 0 && isNeeded)
      noteNotFollowed(reading, context.place, `the included file \`${word}\`, which isn't there`);
    for (const name of found) {
      const path = resolveIn(reading.directory, name);
      if (path === undefined) continue;
      if (stack.includes(path)) {
        throw new SlipwayError('INPUT_INVALID', `${file}:${line}: \`${path}\` includes itself in a circle`, {
          hint: `Take one include out of: ${[...stack.slice(stack.indexOf(path)), path].join(' -> ')}.`,
          location: `${file}:${line}`,
        });
      }
      if (stack.length > MAX_INCLUDES) {
        noteNotFollowed(reading, context.place, `\`include ${word}\`, which is nested too deeply`);
        continue;
      }
      readMakefile(reading, path, stack);
    }
  }
}

const MAX_INCLUDES = 50;

/** Variables that make itself has, as far as anybody refers to them. */
export function setBuiltInVariables(reading: MakeReading): void {
  const values = {
    MAKE: 'make',
    SHELL: '/bin/sh',
    CURDIR: reading.currentDirectory,
    CC: 'cc',
    CXX: 'g++',
    AR: 'ar',
    LD: 'ld',
    RM: 'rm -f',
    MAKELEVEL: '0',
    MAKEFLAGS: '',
    MAKE_VERSION: '4.3',
  };
  for (const [name, value] of Object.entries(values)) {
    setMakeVariable(reading.globals, name, {
      value,
      isRecursive: false,
      origin: name === 'CURDIR' ? 'file' : 'default',
    });
  }
}
