import { resolve } from 'node:path';
import type { UserBuild } from '../../buildkit/types.ts';
import type { EventSink } from '../../core/events.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { rememberPackages, type CompiledPackage } from '../../explain/explain-packages.ts';
import type { KeyedStep } from '../../explain/types.ts';
import type { PlannedBuild, SaveState } from '../../warm/types.ts';
import { collectVertices } from './collect-vertices.ts';
import { keptBuildPath, readKeptBuild, writeKeptBuild } from './kept-build.ts';
import { readFingerprint } from './read-fingerprint.ts';

/** A build that is followed, so that `slipway explain` can tell of it afterwards. */
export interface WatchedBuild {
  /** To be handed all events of the build. */
  readonly onEvent: EventSink;
  /** Keeps the build. What goes wrong is said in the log alone: nobody's build needs it. */
  keep(save: SaveState): Promise<void>;
}

export interface WatchOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDirectory: string;
  readonly logger: Logger;
  readonly now: () => number;
}

/** The files are read now, beside the restore, as they are what the build will be sent. */
export function watchBuild(planned: PlannedBuild, options: WatchOptions): WatchedBuild {
  const { userBuild } = planned;
  const vertices = collectVertices();
  const compiled: CompiledPackage[] = [];
  const reading = readFingerprint(planned, options).catch((error: unknown) => tell('read', error));
  const tell = (what: string, error: unknown): undefined => {
    options.logger.debug(`what the build is made of could not be ${what}: ${errorMessage(error)}`);
    return undefined;
  };
  return {
    onEvent: (event) => {
      if (event.type === 'vertex' && event.phase === 'build') vertices.add(event);
      if (event.type !== 'compiled') return;
      const { type: _, ...each } = event;
      compiled.push(each);
    },
    keep: async (save) => {
      const steps = await reading;
      if (steps === undefined) return;
      try {
        await keep(steps, userBuild, save);
      } catch (error) {
        tell('kept', error);
      }
    },
  };

  async function keep(steps: readonly KeyedStep[], build: UserBuild, save: SaveState): Promise<void> {
    const context = resolve(options.cwd, build.context);
    const dockerfilePath = resolve(options.cwd, planned.dockerfilePath);
    const path = keptBuildPath(options.cacheDirectory, { context, dockerfilePath, target: build.target });
    const last = await readKeptBuild(path);
    await writeKeptBuild(path, {
      schemaVersion: 1,
      endedAt: new Date(options.now()).toISOString(),
      steps,
      vertices: vertices.all(),
      before: last?.steps,
      known: rememberPackages(last?.known ?? {}, last?.compiled ?? []),
      // Where nothing was saved nobody looked into the cache.
      ...((save === 'saved' || save === 'nothing-new') && { compiled }),
    });
  }
}
