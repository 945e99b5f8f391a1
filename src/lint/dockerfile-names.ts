/** `Dockerfile`, `api.Dockerfile`, `Dockerfile.api`, `Containerfile`; not their ignore files, pages and templates. */
export function isDockerfileName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (OTHER.test(name) || CODE.test(name)) return false;
  return /^(?:Dockerfile|Containerfile)(?:[.-].+)?$|.\.(?:Dockerfile|Containerfile)$/i.test(name);
}

const OTHER =
  /\.(?:dockerignore|md|rst|txt|tmpl|tpl|template|gotmpl|j2|jinja2?|erb|mustache|in|orig|rej|bak|swp|sh|ya?ml|json)$|~$/i;
/** `dockerfile.go` and `Dockerfile_test.go` are code that has to do with Dockerfiles; `Dockerfile.go` is one for Go. */
const CODE =
  /^(?!(?:Dockerfile|Containerfile)\.\w+$).*\.(?:go|[cm]?[jt]sx?|py|rb|rs|java|kt|php|cs|c|h|html?|css|lua)$/;
