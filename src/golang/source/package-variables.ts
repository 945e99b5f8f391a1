import type { GoToken } from './go-tokens.ts';

/**
 * The names of package-level variables that the linker's `-X` can set: `var v string`, or `var v = "literal"`, alone or in a group.
 * Source: https://pkg.go.dev/cmd/link, flag -X
 */
export function readStringVariables(body: readonly GoToken[]): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const text = body[at]?.text ?? '';
    if (body[at]?.kind === 'name' && text === 'var' && depth === 0) {
      const isGroup = body[at + 1]?.text === '(';
      names.push(...readSpecs(body, isGroup ? at + 2 : at + 1, isGroup));
    }
    if (body[at]?.kind !== 'operator') continue;
    if (text === '{' || text === '(' || text === '[') depth++;
    else if (text === '}' || text === ')' || text === ']') depth--;
  }
  return names;
}

/** Looks for `name string` and `name = "…"`; line ends aren't tokens, so each name is judged by what follows it. */
function readSpecs(body: readonly GoToken[], from: number, isGroup: boolean): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (let at = from; at < body.length; at++) {
    const token = body[at];
    if (token?.text === ')' && depth === 0) return names;
    if (token?.kind === 'operator' && '({['.includes(token.text)) depth++;
    if (token?.kind === 'operator' && ')}]'.includes(token.text)) depth--;
    if (depth === 0 && token?.kind === 'name' && isStringSpec(body, at)) names.push(token.text);
    if (!isGroup) return names;
  }
  return names;
}

function isStringSpec(body: readonly GoToken[], at: number): boolean {
  const before = body[at - 1]?.text ?? '';
  if (before === '=' || before === '.' || before === ',' || before === '+') return false;
  const [next, value, after] = [body[at + 1], body[at + 2], body[at + 3]];
  if (next?.text === 'string') return body[at + 2]?.text !== '=' || body[at + 3]?.kind === 'string';
  const isLiteral = next?.text === '=' && value?.kind === 'string';
  // `"a" + b` is no literal.
  return isLiteral && !(after?.kind === 'operator' && '+.['.includes(after.text));
}
