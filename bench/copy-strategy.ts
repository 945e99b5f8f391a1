import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '../test/helpers/tools.ts';
import { type ProcessResult, runMeasured } from './lib/measured-process.ts';

/**
 * The usual way to keep cache mounts, for comparison: whole directories as a build context, copied into the mounts by
 * one RUN; and after the build copied out of them by another, through a local export.
 */
export interface CopyRequest {
  readonly buildkitHost: string;
  /** Holds `go-cache` and `gomod-cache`; for copying out: receives them. */
  readonly directory: string;
  readonly workDirectory: string;
  readonly nonce: string;
  readonly signal: AbortSignal;
  readonly capSeconds?: number;
}

const MOUNTS = '--mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache';

const COPY_IN = `FROM busybox:1.37
ARG NONCE
RUN ${MOUNTS} --mount=type=bind,target=/in \\
    cp -pR /in/go-cache/. /go-cache/ && cp -pR /in/gomod-cache/. /gomod-cache/
`;

const COPY_OUT = `FROM busybox:1.37 AS out
ARG NONCE
RUN ${MOUNTS} mkdir /out && cp -pR /go-cache /gomod-cache /out/
FROM scratch
COPY --from=out /out /
`;

export function copyIn(request: CopyRequest): Promise<ProcessResult> {
  return build(request, COPY_IN, request.directory, []);
}

export async function copyOut(request: CopyRequest): Promise<ProcessResult> {
  const empty = join(request.workDirectory, 'copy-empty');
  await mkdir(empty, { recursive: true });
  await mkdir(request.directory, { recursive: true });
  return await build(request, COPY_OUT, empty, ['--output', `type=local,dest=${request.directory}`]);
}

async function build(
  request: CopyRequest,
  dockerfile: string,
  context: string,
  output: readonly string[],
): Promise<ProcessResult> {
  const dockerfileDirectory = join(request.workDirectory, 'copy-dockerfile');
  await mkdir(dockerfileDirectory, { recursive: true });
  await writeFile(join(dockerfileDirectory, 'Dockerfile'), dockerfile);
  const words = ['build', '--progress=plain', '--frontend=dockerfile.v0', `--opt=build-arg:NONCE=${request.nonce}`];
  return await runMeasured({
    command: toolPath('buildctl'),
    args: [...words, `--local=context=${context}`, `--local=dockerfile=${dockerfileDirectory}`, ...output],
    env: { BUILDKIT_HOST: request.buildkitHost },
    signal: request.signal,
    capSeconds: request.capSeconds,
  });
}
