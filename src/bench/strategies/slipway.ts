import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { formatCsvField } from '../../buildkit/csv-field.ts';
import { SlipwayError } from '../../core/errors.ts';
import { directoryBytes } from '../directory-size.ts';
import type { Strategy } from './strategy.ts';

/** Cache mounts filled from a store before the build; what is new in them is saved after it. */
export const slipway: Strategy = {
  name: 'slipway',
  summary: 'slipway build: cache mounts restored from a store, fresh worker',
  keeps: 'place',
  adapt: (text) => text,
  measure: async (run) => {
    const { registry, directory } = run.place;
    const storeDirectory = join(directory, 'store');
    const store =
      registry === undefined
        ? `type=local,${formatCsvField('dest', storeDirectory)}`
        : `type=registry,ref=${registry.repository}`;
    const own = registry?.ownTag ?? 'own';
    const filled = registry?.fillTag ?? 'fill';
    // A scope of its own for each sample: none finds what another has saved.
    const write = run.isFill ? filled : own;
    const { report, messages } = await run.warmBuild({
      worker: run.worker,
      build: run.build,
      store,
      scopes: { write, read: run.isCold ? [write] : [write, filled] },
      workDirectory: join(directory, 'user-cache'),
      watch: run.watch,
      signal: run.signal,
    });
    for (const side of [report.restore, report.save]) {
      if (side.state !== 'failed' || report.buildExitCode !== 0) continue;
      throw new SlipwayError(
        'ENGINE_FAILED',
        `slipway's own part of a sample failed: ${side.reason ?? 'no reason given'}`,
      );
    }
    const bytesDown = report.restore.bytesMoved;
    const bytesUp = report.save.bytesMoved;
    return {
      exitCode: report.buildExitCode,
      messages,
      phases: { before: report.restore.seconds, build: report.buildSeconds, after: report.save.seconds },
      bytesDown,
      bytesUp,
      bytesStored: existsSync(storeDirectory) ? await directoryBytes(storeDirectory) : bytesDown + bytesUp,
    };
  },
};
