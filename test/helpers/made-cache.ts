import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A build whose one step adds an entry to a Go cache mount as `go` would name it, and says which ones it found: what a
 * cache carries can be followed in seconds, without compiling anything.
 */
export async function writeMadeCache(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'Dockerfile'), DOCKERFILE);
  return directory;
}

/** Flags of a build that adds an entry on a machine of its own: its mounts are named apart from all others. */
export function madeBy(machine: string, entry: string): readonly string[] {
  return ['--build-arg', `BUILDKIT_CACHE_MOUNT_NS=${machine}`, '--build-arg', `MADE=${entry}`];
}

/** The entries that the step found, in order. */
export function foundEntries(stderr: string): readonly string[] {
  return [...stderr.matchAll(/ found (\S+)$/gm)].map((match) => match[1] ?? '').sort();
}

const DOCKERFILE = `FROM busybox:1.37
ENV GOCACHE=/go-cache
ARG BUILDKIT_CACHE_MOUNT_NS
ARG MADE
RUN --mount=type=cache,target=/go-cache <<END
for entry in /go-cache/??/*-d; do [ ! -f "$entry" ] || echo "found $(cat "$entry")"; done
name=$(printf %s "$MADE" | sha256sum | cut -c 1-64)
directory=/go-cache/$(echo "$name" | cut -c 1-2)
mkdir -p "$directory"
printf %s "$MADE" > "$directory/$name-d"
END
`;
