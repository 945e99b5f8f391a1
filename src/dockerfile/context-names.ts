/**
 * Tells whether a name is one of `--build-context`: compared as image references are, so that `golang`, `golang:latest` and
 * `docker.io/library/golang:latest` are the same.
 * Source: NamedContext, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerui/namedcontext.go
 */
export function contextNameMatcher(names: readonly string[]): (name: string) => boolean {
  const known = new Set(names.map((name) => familiarName(name.replace(/::[^:]*$/, ''))));
  return (name) => known.has(familiarName(name));
}

function familiarName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(?:index\.)?docker\.io\//, '')
    .replace(/^library\/(?=[^/]+$)/, '')
    .replace(/:latest$/, '');
}
