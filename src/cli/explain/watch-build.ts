import type { Clock } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { CompiledObject } from '../../golang/object/read-object.ts';
import type { BuildReport, PlannedBuild } from '../../warm/types.ts';
import { collectSpans } from './collect-spans.ts';
import { collectVertices } from './collect-vertices.ts';
import { keepAfter, keptBuildPath, readKeptBuild, writeKeptBuild } from './kept-build.ts';
import { readFingerprint } from '../../project/read-fingerprint.ts';
import { readStepsKey } from '../../project/read-steps-key.ts';

/** A build that is followed, so that `slipway explain` can tell of it afterwards. */
export interface WatchedBuild {
  /** Of its steps with cache mounts; undefined where it has none, or that can't be told. */
  readonly stepsKey: Promise<string | undefined>;
  /** To be handed all events of the build. */
  readonly onEvent: EventSink;
  /** To be handed each package that the build compiled. */
  readonly onCompiled: (compiled: CompiledObject) => void;
  /** Keeps the build. What goes wrong is said in the log alone: nobody's build needs it. */
  keep(report: BuildReport): Promise<void>;
}

export interface WatchOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The files are read now, beside the restore, as they are what the build will be sent. */
export function watchBuild(planned: PlannedBuild, options: WatchOptions): WatchedBuild {
  const vertices = collectVertices();
  const spans = collectSpans(options.clock);
  const compiled: CompiledObject[] = [];
  const reading = readFingerprint(planned, options).catch((error: unknown) => tell('read', error));
  const stepsKey = readStepsKey(planned, reading, options.logger);
  const tell = (what: string, error: unknown): undefined => {
    options.logger.debug(`what the build is made of could not be ${what}: ${errorMessage(error)}`);
    return undefined;
  };
  return {
    stepsKey,
    onEvent: (event) => {
      spans.add(event);
      if (event.type === 'vertex' && event.phase === 'build') vertices.add(event);
    },
    onCompiled: (object) => compiled.push(object),
    keep: async (report) => {
      const steps = await reading;
      if (steps === undefined) return;
      try {
        const path = keptBuildPath(planned, options);
        // Where nothing was saved nobody looked into the cache.
        const isSeen = report.save.state === 'saved' || report.save.state === 'nothing-new';
        const run = { finishedAtMs: options.clock.now(), report, spans: spans.all() };
        const build = { steps, vertices: vertices.all(), ...(isSeen && { compiled }), run };
        await writeKeptBuild(path, keepAfter(await readKeptBuild(path), build));
      } catch (error) {
        tell('kept', error);
      }
    },
  };
}
