import type { Located } from '../text-range.ts';
import { isDirectoryPath, unquoteWord } from './mod-words.ts';
import { canonicalVersion, pathMajor, pathVersionFault } from './module-version.ts';
import type { ModLine } from './mod-syntax.ts';
import type { Exclusion, GodebugSetting, PathDirective, Replacement, Retraction } from './types.ts';

/** Why a line means nothing to Go. */
export interface LineFault {
  readonly fault: string;
}

export function isLineFault(value: object): value is LineFault {
  return 'fault' in value;
}

/** Source of both patterns: GoVersionRE and ToolchainRE in golang.org/x/mod/modfile/rule.go */
const GO_LINE = /^[1-9][0-9]*\.(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))?(?:[a-z]+[0-9]+)?$/;
const TOOLCHAIN_LINE = /^default$|^go1(?:$|\.)/;

export function readGoLine(line: ModLine): Located<string> | LineFault {
  return readPattern(line, GO_LINE, 'the go line expects one version such as 1.26.0');
}

export function readToolchain(line: ModLine): Located<string> | LineFault {
  return readPattern(line, TOOLCHAIN_LINE, 'the toolchain line expects one name such as go1.26.0');
}

function readPattern(line: ModLine, pattern: RegExp, fault: string): Located<string> | LineFault {
  const [word] = line.words;
  if (word === undefined || line.words.length !== 1 || !pattern.test(word.text)) return { fault };
  return { value: word.text, range: word.range };
}

/** `tool`, `ignore`, `use` and `module`: one path. */
export function readPathLine(line: ModLine): PathDirective | LineFault {
  const path = line.words.length === 1 ? unquoteWord(textAt(line, 0)) : undefined;
  return path === undefined ? { fault: `the ${line.verb} line expects one path` } : { path, range: line.range };
}

export function readGodebug(line: ModLine): GodebugSetting | LineFault {
  const word = textAt(line, 0);
  const equals = word.indexOf('=');
  if (line.words.length !== 1 || /["`',]/.test(word) || equals < 0) {
    return { fault: 'the godebug line expects key=value' };
  }
  return { key: word.slice(0, equals), value: word.slice(equals + 1), range: line.range };
}

/** `require` and `exclude`: a module and its version. */
export function readVersioned(line: ModLine): Exclusion | LineFault {
  if (line.words.length !== 2) return { fault: `the ${line.verb} line expects a module path and a version` };
  const path = unquoteWord(textAt(line, 0));
  const version = readVersion(textAt(line, 1));
  if (path === undefined || version === undefined) return { fault: `invalid module path or version in ${line.verb}` };
  const fault = pathVersionFault(path, version);
  return fault === undefined ? { path, version, range: line.range } : { fault: `${path}: ${fault}` };
}

export function readReplacement(line: ModLine): Replacement | LineFault {
  const { words, range } = line;
  const arrow = textAt(line, 1) === '=>' ? 1 : 2;
  if (words.length < arrow + 2 || words.length > arrow + 3 || textAt(line, arrow) !== '=>') {
    return { fault: 'the replace line expects module [version] => module version, or => ./directory' };
  }
  const [oldPath, newPath] = [unquoteWord(textAt(line, 0)), unquoteWord(textAt(line, arrow + 1))];
  if (oldPath === undefined || newPath === undefined) return { fault: 'invalid quoted string in replace' };
  if (pathMajor(oldPath) === undefined) return { fault: `${oldPath}: invalid module path` };
  const oldVersion = arrow === 2 ? readVersion(textAt(line, 1)) : '';
  if (oldVersion === undefined) return { fault: `invalid version of ${oldPath}` };
  const fault = oldVersion === '' ? undefined : pathVersionFault(oldPath, oldVersion);
  if (fault !== undefined) return { fault: `${oldPath}: ${fault}` };
  const isLocal = words.length === arrow + 2;
  const newVersion = isLocal ? '' : readVersion(textAt(line, arrow + 2));
  if (newVersion === undefined) return { fault: `invalid version of ${newPath}` };
  if (isLocal !== isDirectoryPath(newPath)) {
    return { fault: `a directory stands without a version and a module with one: ${newPath}` };
  }
  if (isLocal && newPath.includes('\\')) return { fault: `${newPath} looks like a Windows path` };
  const old = { path: oldPath, version: oldVersion };
  return { old, new: { path: newPath, version: newVersion }, isLocal, range };
}

/** `v1.2.3` or `[v1.0.0, v1.2.3]`; what stands for a version isn't looked at, as Go doesn't either before it needs it. */
export function readRetraction(line: ModLine): Retraction | LineFault {
  const texts = line.words.map((word) => word.text);
  const rationale = line.comments.map((comment) => comment.slice(2).trim()).join('\n');
  const isInterval = texts.length === 5 && texts[0] === '[' && texts[2] === ',' && texts[4] === ']';
  const isVersion = texts.length === 1 && texts[0] !== '[' && texts[0] !== '(';
  const low = unquoteWord(texts[isInterval ? 1 : 0] ?? '');
  const high = isInterval ? unquoteWord(texts[3] ?? '') : low;
  if (!(isInterval || isVersion) || low === undefined || high === undefined) {
    return { fault: 'the retract line expects a version or [low, high]' };
  }
  return { low, high, rationale, range: line.range };
}

function readVersion(word: string): string | undefined {
  const text = unquoteWord(word);
  return text === undefined ? undefined : canonicalVersion(text);
}

function textAt(line: ModLine, index: number): string {
  return line.words[index]?.text ?? '';
}
