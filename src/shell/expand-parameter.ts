import type { ParameterExpansionPart, Word } from 'unbash';

/** The value of `${…}`; undefined when it can't be known. Understands defaults, and `#`, `##`, `%`, `%%` with plain patterns. */
export function expandParameter(
  part: ParameterExpansionPart,
  lookup: (name: string) => string | undefined,
  expand: (operand: Word) => string | undefined,
): string | undefined {
  if (part.prefix !== undefined || part.index !== undefined) return undefined;
  const value = lookup(part.parameter);
  const { operation } = part;
  if (operation === undefined) return value;
  if (operation.type === 'Default') {
    const { operator } = operation;
    const isMissing = value === undefined || (operator.startsWith(':') && value === '');
    if (operator.endsWith('+')) return isMissing ? '' : expand(operation.operand);
    if (!isMissing) return value;
    return operator.endsWith('?') ? undefined : expand(operation.operand);
  }
  if (operation.type === 'Remove' && value !== undefined) {
    const pattern = expand(operation.operand);
    return pattern === undefined || /[[\\]/.test(pattern) ? undefined : remove(value, operation.operator, pattern);
  }
  return undefined;
}

function remove(value: string, operator: '#' | '##' | '%' | '%%', pattern: string): string | undefined {
  // Stars one after the other only make the search slow.
  const stars = pattern.match(/\*/g)?.length ?? 0;
  if (stars > 3 || value.length > 10_000) return undefined;
  const isLongest = operator.length === 2;
  const source = [...pattern].map((char) => toExpression(char)).join('');
  const expression = operator.startsWith('#') ? new RegExp(`^${source}`, 's') : new RegExp(`${source}$`, 's');
  const lengths = Array.from({ length: value.length + 1 }, (_, index) => index);
  const whole = new RegExp(`^(?:${source})$`, 's');
  if (!expression.test(value)) return value;
  const isPrefix = operator.startsWith('#');
  const cut = (isLongest ? lengths.reverse() : lengths).find((length) =>
    whole.test(isPrefix ? value.slice(0, length) : value.slice(value.length - length)),
  );
  if (cut === undefined) return value;
  return isPrefix ? value.slice(cut) : value.slice(0, value.length - cut);
}

function toExpression(char: string): string {
  if (char === '*') return '.*';
  return char === '?' ? '.' : char.replace(/[.+^${}()|\]/-]/g, '\\$&');
}
