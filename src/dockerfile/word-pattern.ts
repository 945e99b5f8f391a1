import { WordError } from './word-error.ts';

/**
 * A shell pattern (`*` and `?`, no brackets) as a regular expression.
 * Source: convertShellPatternToRegex, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/shell/lex.go#L600
 */
export function patternToRegExp(pattern: string, greedy: boolean, anchored: boolean): RegExp {
  const star = greedy ? '[^\\n]*' : '[^\\n]*?';
  const chars = [...pattern];
  if (chars[0] === '\ufeff') chars.shift();
  let source = anchored ? '^' : '';
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index] ?? '';
    if (char === '*') source += star;
    else if (char === '?') source += '[^\\n]';
    else if (char === '\\') {
      const next = chars[index + 1];
      // `}` and `/` are escaped for the sake of `${}`; the escape is not part of the pattern.
      if (next === '}' || next === '/') continue;
      if (next !== '*' && next !== '?' && next !== '\\')
        throw new WordError(`invalid escape \`\\${next ?? ''}\` in a pattern`);
      source += `\\${next}`;
      index++;
    } else source += escapeForRegExp(char);
  }
  return new RegExp(source, 'u');
}

/** `${x#pattern}` and `${x##pattern}` */
export function trimPrefix(pattern: string, value: string, greedy: boolean): string {
  const match = patternToRegExp(pattern, greedy, true).exec(value);
  return match === null ? value : value.slice(match[0].length);
}

/** `${x%pattern}` and `${x%%pattern}`: text and pattern are reversed, as the shortest match at the end can't be asked for. */
export function trimSuffix(pattern: string, value: string, greedy: boolean): string {
  return [...trimPrefix(reversePattern(pattern), [...value].reverse().join(''), greedy)].reverse().join('');
}

/** `${x/pattern/replacement}` and `${x//pattern/replacement}` */
export function replacePattern(options: { pattern: string; value: string; replacement: string; all: boolean }): string {
  const { value, replacement } = options;
  const expression = patternToRegExp(options.pattern, true, false);
  if (!options.all) return value.replace(expression, () => replacement);
  let lastEnd = -1;
  return value.replace(new RegExp(expression.source, 'gu'), (match, offset: number) => {
    // Go passes over an empty match right behind another match.
    if (match === '' && offset === lastEnd) return '';
    lastEnd = offset + match.length;
    return fillTemplate(replacement, match);
  });
}

/** In Go's ReplaceAllString `$0` is the match, `$$` a dollar, and any other `$name` a submatch, of which these patterns have none. */
function fillTemplate(template: string, match: string): string {
  return template.replace(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole: string, braced: string | undefined, plain: string | undefined) =>
      whole === '$$' ? '$' : (braced ?? plain) === '0' ? match : '',
  );
}

function reversePattern(pattern: string): string {
  const chars = [...pattern];
  const out = new Array<string>(chars.length).fill('\0');
  const last = chars.length - 1;
  for (let index = 0; index <= last; ) {
    const char = chars[index] ?? '';
    const at = last - index;
    if (char === '\\' && index !== last) {
      out[at - 1] = char;
      out[at] = chars[index + 1] ?? '';
      index += 2;
    } else {
      out[at] = char;
      index++;
    }
  }
  return out.join('');
}

function escapeForRegExp(char: string): string {
  return /[[\]{}.+()|^$/\\*?]/.test(char) ? `\\${char}` : char;
}
