import { isRegexpSpace, skipSpace, toLower } from './go-text.ts';
import type { DirectiveName } from './tree.ts';

/** State of the directive reader: directives end at the first line that isn't one. */
export interface DirectiveReader {
  readonly prefix: string;
  readonly seen: Set<string>;
  done: boolean;
}

export interface DirectiveLine {
  readonly name: DirectiveName;
  readonly value: string;
  /** A second `# escape=` (or other) is refused. */
  readonly repeated: boolean;
}

export function newDirectiveReader(prefix = '#'): DirectiveReader {
  return { prefix, seen: new Set(), done: false };
}

/**
 * Reads one line as a parser directive, or ends the directives.
 * Source: DirectiveParser.ParseLine, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/directives.go#L51
 */
export function readDirective(reader: DirectiveReader, line: string): DirectiveLine | undefined {
  if (reader.done) return undefined;
  const found = line.startsWith(reader.prefix)
    ? matchAssignment(line, skipSpace(line, reader.prefix.length))
    : undefined;
  const name = found === undefined ? '' : toLower(found.name);
  if (found === undefined || !isDirectiveName(name)) {
    reader.done = true;
    return undefined;
  }
  const repeated = reader.seen.has(name);
  reader.seen.add(name);
  return { name, value: found.value, repeated };
}

/**
 * The frontend a file asks for: `# syntax=`, else `// syntax=`, else a JSON object with that key; a `#!` line and a byte order mark before it don't count.
 * Source: DetectSyntax, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/parser/directives.go#L121
 */
export function detectSyntax(text: string): string | undefined {
  const unmarked = text.startsWith('\ufeff') ? text.slice(1) : text;
  const body = unmarked.startsWith('#!') ? behindFirstLine(unmarked) : unmarked;
  return findSyntax(body, '#') ?? findSyntax(body, '//') ?? readJsonSyntax(body);
}

function findSyntax(text: string, prefix: string): string | undefined {
  const reader = newDirectiveReader(prefix);
  let start = 0;
  while (start < text.length && !reader.done) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    // Longer lines end BuildKit's scanner.
    if (line.length > 65_535) return undefined;
    const directive = readDirective(reader, line);
    if (directive?.repeated) return undefined;
    if (directive?.name === 'syntax') return directive.value.split(' ', 1)[0] ?? '';
    start = end + 1;
  }
  return undefined;
}

function readJsonSyntax(text: string): string | undefined {
  if (!/^[\t\n\r ]*\{/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: the file has no such directive, which is an answer.
    return undefined;
  }
  const syntax = (value as Record<string, unknown>)['syntax'];
  return typeof syntax === 'string' ? syntax : undefined;
}

function behindFirstLine(text: string): string {
  const newline = text.indexOf('\n');
  return newline < 0 ? '' : text.slice(newline + 1);
}

function isDirectiveName(name: string): name is DirectiveName {
  return name === 'syntax' || name === 'escape' || name === 'check';
}

/** Go's `^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$` without its backtracking, which is quadratic on long runs of space. */
function matchAssignment(line: string, from: number): { name: string; value: string } | undefined {
  const name = /^[a-zA-Z][a-zA-Z0-9]*/.exec(line.slice(from, from + 64))?.[0];
  if (name === undefined) return undefined;
  const equals = skipRegexpSpace(line, from + name.length);
  if (line[equals] !== '=') return undefined;
  const start = skipRegexpSpace(line, equals + 1);
  let end = line.length;
  while (end > start && isRegexpSpace(line.charCodeAt(end - 1))) end--;
  if (end > start) return { name, value: line.slice(start, end) };
  // Nothing but space behind `=`: the expression then gives its last character as the value.
  return line.length > equals + 1 ? { name, value: line.slice(-1) } : undefined;
}

function skipRegexpSpace(line: string, from: number): number {
  let index = from;
  while (index < line.length && isRegexpSpace(line.charCodeAt(index))) index++;
  return index;
}
