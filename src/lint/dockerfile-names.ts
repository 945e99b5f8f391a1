/** `Dockerfile`, `api.Dockerfile`, `Dockerfile.api`, `Containerfile`; not their ignore files, pages and templates. */
export function isDockerfileName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (OTHER.test(name) || CODE.test(name)) return false;
  return /^(?:Dockerfile|Containerfile)(?:[.-].+)?$|.\.(?:Dockerfile|Containerfile)$/i.test(name);
}

const OTHER =
  /\.(?:dockerignore|md|rst|txt|tmpl|tpl|template|gotmpl|j2|jinja2?|erb|mustache|in|orig|rej|bak|swp|sh|ya?ml|json)$|~$/i;
/** `dockerfile.go` is code that has to do with Dockerfiles; `Dockerfile.go` is one for Go. */
const CODE = /^(?:dockerfile|containerfile)\.(?:go|js|ts|py|rb|rs|java|c|h)$/;
