import { resolve } from 'node:path';
import { SlipwayError } from '../../core/errors.ts';
import { toBuildDocument, type ExplainDocument } from '../../explain/document.ts';
import { explainBuild } from '../../explain/explain-build.ts';
import { explainPackages } from '../../explain/explain-packages.ts';
import { observeSteps } from '../../explain/observed.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import { keepAfter, keptBuildPath, readKeptBuild, writeKeptBuild, type KeptBuild } from './kept-build.ts';
import { readFingerprint } from './read-fingerprint.ts';
import { readLog } from './read-log.ts';
import { takeSavedPackages } from './saved-packages.ts';

export interface PastOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly cacheDirectory: string;
  /** Of a build by something else: its rawjson, absolute or `-`. */
  readonly log?: string;
}

/**
 * What the last build did and why. Throws INPUT_INVALID where none was kept or the log holds none. A build told by its log
 * is kept as `slipway build` keeps its own, so that the next one has something to be compared with.
 */
export async function explainPast(planned: PlannedBuild, options: PastOptions): Promise<ExplainDocument> {
  const { dockerfilePath } = planned;
  const context = resolve(options.cwd, planned.userBuild.context);
  const path = keptBuildPath(planned, options);
  const kept = await readKeptBuild(path);
  if (options.log === undefined) return tell(kept ?? missing(context));
  const { vertices, endedAtMs } = await readLog(options.log, options.stdin);
  const steps = await readFingerprint(planned, options);
  if (steps === undefined) {
    throw new SlipwayError('INPUT_INVALID', `the context \`${context}\` is larger than 256 MiB`, {
      hint: 'Keep out what the build does not need by `.dockerignore`; `slipway lint` says what.',
    });
  }
  if (steps.length > 0 && observeSteps(steps, vertices).size === 0) {
    throw new SlipwayError('INPUT_INVALID', `no step of \`${dockerfilePath}\` is in the log \`${options.log}\``, {
      hint: 'Name the Dockerfile, `--target` and context of the build that `--progress=rawjson` wrote it for.',
    });
  }
  // Asked twice about one build, or about one that `slipway build` kept itself.
  const isKnown = JSON.stringify(kept?.vertices) === JSON.stringify(vertices);
  if (isKnown && kept !== undefined) return tell(kept);
  const compiled = await takeSavedPackages(path, endedAtMs);
  const now = keepAfter(kept, { steps, vertices, ...(compiled && { compiled }) });
  const document = tell(now);
  await writeKeptBuild(path, now);
  return document;
}

function tell({ steps, vertices, before, compiled, known }: KeptBuild): ExplainDocument {
  const packages = compiled && explainPackages(compiled, known);
  return toBuildDocument(explainBuild({ steps, vertices, before }), packages);
}

function missing(context: string): never {
  throw new SlipwayError('INPUT_INVALID', `no build of \`${context}\` with this Dockerfile and target was seen here`, {
    hint:
      'Build it by `slipway build`, name the log of another build by `--from-log FILE`, or ask what a change would re-run ' +
      'by `--change PATH`, `--since REV` or `--change-build-arg NAME=VALUE`.',
  });
}
