import { createReadStream } from 'node:fs';
import { createProgressReader } from '../../buildkit/progress-reader.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { ObservedVertex } from '../../explain/observed.ts';
import { collectVertices } from './collect-vertices.ts';

export interface LoggedBuild {
  readonly vertices: readonly ObservedVertex[];
  /** When its last step ended, by the builder's clock, in milliseconds since the epoch; 0 when none did. */
  readonly endedAtMs: number;
}

/**
 * The steps of a build from its `--progress=rawjson` stream, read line by line. Throws INPUT_INVALID for a file that can't
 * be read or holds no progress. A last line that was cut counts as not there.
 */
export async function readLog(path: string, stdin: NodeJS.ReadableStream): Promise<LoggedBuild> {
  const vertices = collectVertices();
  let endedAtMs = 0;
  let hasProgress = false;
  let number = 0;
  const reader = createProgressReader({
    phase: 'build',
    onEvent: (event) => {
      if (event.type !== 'vertex') return;
      hasProgress = true;
      vertices.add(event);
      endedAtMs = Math.max(endedAtMs, event.completedAtMs ?? 0);
    },
  });
  try {
    const input = path === '-' ? stdin : createReadStream(path);
    for await (const line of linesOf(input)) {
      number += 1;
      // Most lines are what steps print, and not needed here.
      if (line.includes('"vertexes"')) reader.readLine(line);
    }
  } catch (error) {
    if (error instanceof TypeError) throw notProgress(`${path}:${number}`, "is JSON, but not BuildKit's progress");
    if (error instanceof RangeError) throw notProgress(`${path}:${number + 1}`, 'is a line of more than 16 MiB');
    throw unreadable(path, error);
  }
  if (hasProgress) return { vertices: vertices.all(), endedAtMs };
  throw notProgress(path, 'holds no progress of BuildKit');
}

const LONGEST_LINE = 16 * 1024 * 1024;

/** Throws RangeError for a line that no memory should be spent on. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = '';
  input.setEncoding('utf8');
  for await (const chunk of input) {
    const [first = '', ...more] = String(chunk).split('\n');
    const lines = [rest + first, ...more];
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError('too long a line');
    yield* lines;
  }
  yield rest;
}

function notProgress(place: string, what: string): SlipwayError {
  return new SlipwayError('INPUT_INVALID', `\`${place}\` ${what}`, {
    hint: 'Write it by `docker buildx build --progress=rawjson … 2> build.log`, or `buildctl build --progress=rawjson`.',
  });
}

function unreadable(path: string, error: unknown): SlipwayError {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'is not there'
      : code === 'EISDIR'
        ? 'is a directory'
        : code === 'EACCES'
          ? 'may not be read'
          : "can't be read";
  return new SlipwayError('INPUT_INVALID', `the log \`${path}\` ${why}`, {
    hint: 'Name a file that `--progress=rawjson` was written to, or `-` for standard input.',
    cause: error,
  });
}
