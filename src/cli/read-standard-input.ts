import { addAbortSignal, type Readable } from 'node:stream';
import type { UserBuild } from '../buildkit/types.ts';
import { SlipwayError } from '../core/errors.ts';
import type { CliIo } from './io.ts';

const MOST_BYTES = 1 << 20;

/** The Dockerfile that `-f -` reads. A megabyte is the limit everywhere in slipway for a file that is parsed. */
export async function readStandardInput({ stdin, signal }: Pick<CliIo, 'stdin' | 'signal'>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, stdin as Readable)) {
    const bytes = Buffer.from(chunk as Uint8Array | string);
    size += bytes.length;
    if (size > MOST_BYTES)
      throw new SlipwayError('DOCKERFILE_INVALID', 'the Dockerfile on standard input is over 1 MiB');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The build with the text of its Dockerfile, where that comes from standard input. */
export async function withStandardInput(build: UserBuild, io: Pick<CliIo, 'stdin' | 'signal'>): Promise<UserBuild> {
  return build.file === '-' ? { ...build, fileText: await readStandardInput(io) } : build;
}
