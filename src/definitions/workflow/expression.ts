import { isPerCommitExpression, type Known, worse } from '../values/certainty.ts';

/** Value of a name such as `matrix.os`, `env.TAG`, `inputs.target`; undefined when it isn't known. */
export type Lookup = (name: string) => Known | undefined;

const TEMPLATE = /\$\{\{([^]*?)\}\}/g;

/** Fills in the `${{ … }}` of a text as far as they can be known; the others stay as written. */
export function evaluateTemplate(text: string, lookup: Lookup): Known {
  let certainty: Known['certainty'] = 'known';
  const filled = text.replace(TEMPLATE, (written, expression: string) => {
    const value = evaluateExpression(expression, lookup);
    certainty = worse(certainty, value.certainty);
    return value.certainty === 'known' ? value.text : written;
  });
  return { text: filled, certainty };
}

/** One expression without its `${{ }}`: names, literals, `a || b`, `format(…)`; all others are unknown. */
export function evaluateExpression(expression: string, lookup: Lookup): Known {
  const trimmed = expression.trim();
  const literal = /^'((?:[^']|'')*)'$/.exec(trimmed);
  if (literal !== null) return { text: (literal[1] ?? '').replaceAll("''", "'"), certainty: 'known' };
  if (/^(?:true|false|-?\d+(?:\.\d+)?)$/.test(trimmed)) return { text: trimmed, certainty: 'known' };
  const parts = splitTopLevel(trimmed, '||');
  if (parts.length > 1 && splitTopLevel(trimmed, '&&').length === 1) return firstFilled(parts, lookup);
  const format = /^format\(([^]*)\)$/.exec(trimmed);
  if (format !== null) return formatted(splitTopLevel(format[1] ?? '', ','), lookup);
  const path = trimmed.replace(/\[\s*'([^']+)'\s*\]/g, '.$1');
  if (/^[A-Za-z_][\w-]*(?:\.[\w*-]+)+$/.test(path)) {
    const found = lookup(path);
    if (found !== undefined) return found;
  }
  return { text: expression, certainty: isPerCommitInside(trimmed, lookup) ? 'per-commit' : 'unknown' };
}

function firstFilled(parts: readonly string[], lookup: Lookup): Known {
  for (const part of parts) {
    const value = evaluateExpression(part, lookup);
    if (value.certainty !== 'known' || value.text !== '') return value;
  }
  return { text: '', certainty: 'known' };
}

function formatted(parts: readonly string[], lookup: Lookup): Known {
  const [pattern, ...values] = parts.map((part) => evaluateExpression(part, lookup));
  if (pattern === undefined) return { text: '', certainty: 'unknown' };
  const certainty = [pattern, ...values].reduce(
    (sum, each) => worse(sum, each.certainty),
    'known' as Known['certainty'],
  );
  return {
    text: pattern.text.replace(/\{(\d+)\}/g, (_, index: string) => values[Number(index)]?.text ?? ''),
    certainty,
  };
}

function isPerCommitInside(expression: string, lookup: Lookup): boolean {
  if (isPerCommitExpression(expression)) return true;
  const names = expression.replace(/'(?:[^']|'')*'/g, "''").match(/[A-Za-z_][\w-]*(?:\.[\w-]+)+/g) ?? [];
  return names.some((name) => lookup(name)?.certainty === 'per-commit');
}

export interface Choice {
  readonly text: string;
  /** Of the literal's content in the input's text. */
  readonly start: number;
  readonly end: number;
  /** What must hold for it; undefined for the one behind `||`. */
  readonly condition: string | undefined;
}

/**
 * The literals that an input may turn into: `${{ github.ref == 'refs/heads/main' && 'type=gha,mode=max' || '' }}`. Empty when it isn't of
 * that form; empty literals are left out.
 */
export function literalChoices(text: string): readonly Choice[] | undefined {
  const whole = /^\s*\$\{\{([^]*)\}\}\s*$/.exec(text);
  if (whole === null || (whole[1] ?? '').includes('${{')) return undefined;
  const body = whole[1] ?? '';
  const shift = text.indexOf('${{') + 3;
  const choices: Choice[] = [];
  let at = 0;
  for (const alternative of splitTopLevel(body, '||')) {
    const terms = splitTopLevel(alternative, '&&');
    const last = terms.at(-1) ?? '';
    const start = body.indexOf(alternative, at) + alternative.length - last.length;
    at = body.indexOf(alternative, at) + alternative.length;
    const literal = /^(\s*)(?:format\(\s*)?'((?:[^']|'')*)'/.exec(last);
    if (literal === null || !/^\s*(?:'(?:[^']|'')*'|format\([^]*\))\s*$/.test(last)) return undefined;
    const from = shift + start + literal[0].length - 1 - (literal[2] ?? '').length;
    const condition = terms.length > 1 ? terms.slice(0, -1).join('&&').trim() : undefined;
    const value = literal[2] ?? '';
    if (value.trim() !== '') choices.push({ text: value, start: from, end: from + value.length, condition });
  }
  return choices.length === 0 ? undefined : choices;
}

/** Splits where the separator stands outside of quotes, brackets and parentheses. */
function splitTopLevel(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (char === "'") isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') depth -= 1;
    else if (depth === 0 && text.startsWith(separator, index)) {
      parts.push(text.slice(start, index));
      start = index + separator.length;
      index += separator.length - 1;
    }
  }
  return [...parts, text.slice(start)];
}
