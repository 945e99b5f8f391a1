import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openFreshWorkers } from '../../bench/fresh-workers.ts';
import type { HostPrograms } from '../../bench/host-programs.ts';
import { openSharedBuilder } from '../../bench/shared-builder.ts';
import type { Workers } from '../../bench/workers.ts';
import { pullImages } from '../../buildkit/pull-images.ts';
import type { Engine } from '../../buildkit/types.ts';
import type { BaseImage } from '../../dockerfile/types.ts';
import type { Logger } from '../../core/logger.ts';
import type { Settings } from '../../config/options.ts';
import { runChild } from '../../process/run-child.ts';
import type { CliIo } from '../io.ts';
import type { Parts } from '../../session/parts.ts';

export interface WorkersRequest {
  readonly io: CliIo;
  readonly parts: Parts;
  readonly settings: Settings;
  readonly builder: string | undefined;
  /** Big temporary things. */
  readonly directory: string;
  readonly runId: string;
  /** Base and helper images, brought to each builder outside of every clock. */
  readonly images: readonly BaseImage[];
  readonly programs: HostPrograms;
  readonly logger: Logger;
}

/** Empty workers where slipway starts BuildKit itself; on any other builder, mounts of their own for each sample. */
export async function openWorkers(request: WorkersRequest): Promise<Workers> {
  const { io, parts, settings, directory, logger } = request;
  const discover = (engine: Settings['engine'], cacheDirectory: string): Promise<Engine> =>
    parts.discoverEngine({
      env: io.env,
      ...(request.builder === undefined ? {} : { userBuilder: request.builder }),
      engine,
      cacheDirectory,
      signal: io.signal,
      logger,
    });
  const empty = join(directory, 'empty');
  await mkdir(empty, { recursive: true });
  const pull = (engine: Engine): Promise<void> =>
    pullImages(engine, request.images, { context: empty, signal: io.signal, onEvent: () => {} });
  const found = await discover(settings.engine, join(directory, 'first'));
  if (found.kind !== 'embedded') {
    return openSharedBuilder(found, { runId: request.runId, pullImages: pull }).catch(async (error: unknown) => {
      await found[Symbol.asyncDispose]();
      throw error;
    });
  }
  await found[Symbol.asyncDispose]();
  return openFreshWorkers({
    directory,
    startEngine: (place) => discover('embedded', place),
    pullImages: pull,
    programs: request.programs,
    version: await readVersion(io),
  });
}

/** `buildkitd github.com/moby/buildkit v0.33.1 …` */
async function readVersion({ env, signal }: CliIo): Promise<string> {
  const lines: string[] = [];
  await runChild('buildkitd', { args: ['--version'], env, signal, onStdoutLine: (line) => lines.push(line) });
  return /\bv\d+\.\d+\.\d+\S*/.exec(lines.join('\n'))?.[0] ?? 'of unknown version';
}
