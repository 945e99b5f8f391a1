/**
 * Matches paths that a COPY source with wildcards names, and what lies in the directories that it names. The wildcards are those of Go's
 * filepath.Match, one path element at a time; a class that Go would refuse is taken as it is written.
 */
export function pathPattern(path: string): RegExp {
  const source = path.split('/').map(toExpression).join('/');
  return new RegExp(`^${source}(?:/|$)`);
}

function toExpression(element: string): string {
  return element.replaceAll(/\*+|\?|\[\^?[^\]]+\]|[\\^$.|+(){}[\]]/g, (found) => {
    if (found.startsWith('*')) return '[^/]*';
    if (found === '?') return '[^/]';
    return found.length > 2 && isClass(found) ? found : found.replaceAll(/[\\^$.|+(){}[\]]/g, '\\$&');
  });
}

/** `[z-a]` is none. */
function isClass(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
