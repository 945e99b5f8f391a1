import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { readBakeTargets } from '../definitions/stated-target.ts';
import { runChild } from '../process/run-child.ts';
import type { BakeInput, ImageInput } from './inputs.ts';
import type { StepContext } from './run-images.ts';

/** Bake is asked itself, since only it knows its variables, functions and overrides. */
export async function askBake({ files, targets }: BakeInput, context: StepContext): Promise<readonly ImageInput[]> {
  const words = ['bake', '--print', ...files.flatMap((file) => ['--file', file]), ...targets];
  const asked = await askBuildx(words, context);
  const images: ImageInput[] = [];
  for (const [name, stated] of readBakeTargets(JSON.parse(asked))) {
    const { context: place, fileText, target, platforms, buildArgs, buildContexts } = stated;
    const file = fileText === undefined ? stated.file : await keepInline(fileText, context);
    images.push({ name: `target ${name}`, context: place, file, target, platforms, buildArgs, buildContexts });
  }
  if (images.length > 0) return images;
  throw new SlipwayError('INPUT_INVALID', `the bake files ${files.join(', ')} name no target`, {
    hint: 'Write a group `default`, or name targets in `targets`.',
  });
}

/** Under the same name in main and post. */
async function keepInline(text: string, { runner }: StepContext): Promise<string> {
  const directory = join(runner.env['RUNNER_TEMP'] ?? tmpdir(), 'slipway-bake');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.Dockerfile`);
  await writeFile(file, text);
  return file;
}

/** docker with buildx as its plugin, or buildx alone: the first that answers. */
async function askBuildx(words: readonly string[], context: StepContext): Promise<string> {
  for (const program of [['docker', 'buildx'], ['docker-buildx'], ['buildx']]) {
    const version = await runProgram([...program, 'version'], context);
    if (version?.exitCode !== 0) continue;
    const asked = await runProgram([...program, ...words], context);
    if (asked?.exitCode === 0) return asked.stdout;
    throw new SlipwayError('INPUT_INVALID', `the bake files can't be read: ${asked?.said ?? 'docker buildx is gone'}`, {
      hint: 'Correct `bake` or `targets`; paths start at the working directory.',
    });
  }
  throw new SlipwayError('ENGINE_MISSING', 'docker buildx is not installed', {
    hint: 'Put a step with `docker/setup-buildx-action` before this one.',
  });
}

interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** The last line of standard error. */
  readonly said: string;
}

/** Undefined where there is no such program. */
async function runProgram(command: readonly string[], { env, signal }: StepContext): Promise<Answer | undefined> {
  const [program = '', ...args] = command;
  const lines: string[] = [];
  try {
    const result = await runChild(program, { args, env, signal, onStdoutLine: (line) => lines.push(line) });
    signal.throwIfAborted();
    const said = result.stderrTail.findLast((line) => line.trim() !== '') ?? `exit code ${result.exitCode}`;
    return { exitCode: result.exitCode, stdout: lines.join('\n'), said: said.replace(/^ERROR: /, '') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
