/** `Dockerfile`, `api.Dockerfile`, `Dockerfile.api`, `Containerfile`; not their ignore files. */
export function isDockerfileName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\.dockerignore$/i.test(name) || /\.(?:md|tmpl|tpl|j2|orig|bak|go|sh|ya?ml|json|txt)$/i.test(name)) return false;
  return /^(?:Dockerfile|Containerfile)(?:[.-].+)?$|.\.(?:Dockerfile|Containerfile)$/i.test(name);
}
