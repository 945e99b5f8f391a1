/**
 * Is it the official golang image: `golang`, `docker.io/library/golang:1.26`, or the same through a mirror or a pull-through cache
 * (`mirror.example/library/golang`, `registry.example/dockerhub/golang`)? An image of somebody else that is only called golang
 * may set other directories. Source: github.com/docker-library/golang/blob/master/Dockerfile-linux.template
 */
export function isOfficialGolang(reference: string): boolean {
  const path =
    reference
      .split('@')[0]
      ?.replace(/:[^/:]*$/, '')
      .split('/') ?? [];
  if (path.at(-1) !== 'golang') return false;
  const [first = ''] = path;
  const hasHost = path.length > 1 && /[.:]|^localhost$|[${]/.test(first);
  const between = path.slice(hasHost ? 1 : 0, -1);
  return between.length === 0 || between.some((part) => MIRROR.test(part)) || KIN.has(between.join('/'));
}

/** Parts of a path that say that another registry's images lie below. */
const MIRROR = /^library$|mirror|proxy|cache|hub|docker|remote|virtual|pull|upstream|quay|ecr|[${]/i;

/** Others that set the same directories: registry.suse.com/bci, mcr.microsoft.com/oss/go/microsoft, quay.io/projectquay. */
const KIN: ReadonlySet<string> = new Set(['bci', 'oss/go/microsoft', 'projectquay']);
