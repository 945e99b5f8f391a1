/**
 * Is the frontend a `# syntax=` line names BuildKit's own Dockerfile frontend: docker/dockerfile or docker/dockerfile-upstream, any tag or
 * digest, from Docker Hub or from a registry that mirrors it? Without a line it is the one built into BuildKit.
 */
export function isDockerfileFrontend(syntax: string | undefined): boolean {
  if (syntax === undefined) return true;
  const name = syntax.replace(/@[a-z0-9+._-]+:[0-9a-fA-F]+$/, '').replace(/:[\w][\w.-]{0,127}$/, '');
  return /^(?:[^/\s]+\/)*docker\/dockerfile(?:-upstream)?$/.test(name);
}
