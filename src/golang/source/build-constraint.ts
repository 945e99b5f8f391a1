/** A boolean expression over build tags. */
export type Constraint =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'not'; readonly of: Constraint }
  | { readonly kind: 'and' | 'or'; readonly left: Constraint; readonly right: Constraint };

/** `invalid`: two constraints, or one that Go can't read; such a file breaks its package. */
export type FileConstraint = Constraint | 'invalid' | undefined;

export function evaluateConstraint(constraint: Constraint, hasTag: (tag: string) => boolean): boolean {
  if (constraint.kind === 'tag') return hasTag(constraint.tag);
  if (constraint.kind === 'not') return !evaluateConstraint(constraint.of, hasTag);
  const left = evaluateConstraint(constraint.left, hasTag);
  if (constraint.kind === 'and') return left && evaluateConstraint(constraint.right, hasTag);
  return left || evaluateConstraint(constraint.right, hasTag);
}

/**
 * The constraint in the head of a file: its one `//go:build` line, else its `// +build` lines, all of which must hold and which
 * must stand above a blank line. Source: parseFileHeader and shouldBuild in Go's src/go/build/build.go
 */
export function readFileConstraint(text: string): FileConstraint {
  const head = readHead(text);
  if (head.goBuild.length > 1) return 'invalid';
  const [line] = head.goBuild;
  if (line !== undefined) return parseExpression(line.slice('//go:build'.length)) ?? 'invalid';
  const old = head.plusBuild.flatMap((one) => parsePlusBuild(one) ?? []);
  return old.reduce<Constraint | undefined>((left, right) => join('and', left, right), undefined);
}

interface Head {
  readonly goBuild: readonly string[];
  /** What follows `// +build` on each such line. */
  readonly plusBuild: readonly string[];
}

function readHead(text: string): Head {
  const goBuild: string[] = [];
  const plusBuild: string[] = [];
  let pending: string[] = [];
  let hasCommentsOnly = true;
  let isInside = false;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end).trim();
    at = end + 1;
    if (line === '' && hasCommentsOnly) {
      plusBuild.push(...pending);
      pending = [];
      continue;
    }
    if (!line.startsWith('//')) hasCommentsOnly = false;
    if (!isInside && /^\/\/go:build(?:\s|$)/.test(line)) goBuild.push(line);
    const old = /^\/\/\s*\+build(?:\s+(.*))?$/.exec(line);
    if (hasCommentsOnly && old !== null) pending.push(old[1] ?? '');
    const after = skipComments(line, isInside);
    if (after === 'code') break;
    isInside = after === 'inside';
  }
  return { goBuild, plusBuild };
}

/** What the end of a line is: within a comment, at its end, or beyond code. */
function skipComments(line: string, isInside: boolean): 'inside' | 'outside' | 'code' {
  let rest = line;
  let inside = isInside;
  while (rest !== '') {
    if (inside) {
      const end = rest.indexOf('*/');
      if (end < 0) return 'inside';
      inside = false;
      rest = rest.slice(end + 2).trim();
    } else if (rest.startsWith('//')) return 'outside';
    else if (rest.startsWith('/*')) {
      inside = true;
      rest = rest.slice(2).trim();
    } else return 'code';
  }
  return inside ? 'inside' : 'outside';
}

/** Undefined when the syntax is wrong. Source: exprParser in Go's src/go/build/constraint/expr.go */
export function parseExpression(text: string): Constraint | undefined {
  const tokens = text.match(/&&|\|\||[()!]|[\p{L}\p{Nd}_.]+|[^ \t]/gu) ?? [];
  let at = 0;
  let size = 0;
  const or = (): Constraint | undefined => chain('or', '||', () => chain('and', '&&', not));
  const chain = (kind: 'and' | 'or', operator: string, next: () => Constraint | undefined): Constraint | undefined => {
    let left = next();
    while (left !== undefined && tokens[at] === operator) {
      at++;
      const right = next();
      left = right === undefined ? undefined : { kind, left, right };
    }
    return left;
  };
  const not = (): Constraint | undefined => {
    // Go's own limit, which also bounds how deep we go.
    if (++size > 1000) return undefined;
    if (tokens[at] !== '!') return atom();
    at++;
    const of = atom();
    return of === undefined ? undefined : { kind: 'not', of };
  };
  const atom = (): Constraint | undefined => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = or();
      return tokens[at++] === ')' ? inner : undefined;
    }
    return token !== undefined && /^[\p{L}\p{Nd}_.]/u.test(token) ? { kind: 'tag', tag: token } : undefined;
  };
  const whole = or();
  return at === tokens.length ? whole : undefined;
}

/** `a,b !c` is (a and b) or not c. Undefined where Go ignores the line. Source: parsePlusBuildExpr, same file */
function parsePlusBuild(text: string): Constraint | undefined {
  const clauses = text.split(/\s+/).filter((clause) => clause !== '');
  let whole: Constraint | undefined;
  for (const clause of clauses) {
    let part: Constraint | undefined;
    for (const word of clause.split(',')) part = join('and', part, parseLiteral(word));
    whole = part === undefined ? whole : join('or', whole, part);
  }
  return whole ?? { kind: 'tag', tag: 'ignore' };
}

function parseLiteral(word: string): Constraint {
  const ignore: Constraint = { kind: 'tag', tag: 'ignore' };
  if (word.startsWith('!!') || word === '!') return ignore;
  const isNegated = word.startsWith('!');
  const name = isNegated ? word.slice(1) : word;
  const tag: Constraint = /^[\p{L}\p{Nd}_.]+$/u.test(name) ? { kind: 'tag', tag: name } : ignore;
  return isNegated ? { kind: 'not', of: tag } : tag;
}

function join(kind: 'and' | 'or', left: Constraint | undefined, right: Constraint): Constraint {
  return left === undefined ? right : { kind, left, right };
}
