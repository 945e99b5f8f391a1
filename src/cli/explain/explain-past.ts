import { resolve } from 'node:path';
import { userCacheDirectory } from '../../config/options.ts';
import { SlipwayError } from '../../core/errors.ts';
import { toBuildDocument, type ExplainDocument } from '../../explain/document.ts';
import { explainBuild } from '../../explain/explain-build.ts';
import { explainPackages } from '../../explain/explain-packages.ts';
import { observeSteps } from '../../explain/observed.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import type { CliIo } from '../io.ts';
import { keepAfter, keptBuildPath, readKeptBuild, writeKeptBuild, type KeptBuild } from './kept-build.ts';
import { readFingerprint } from '../../project/read-fingerprint.ts';
import { readLog } from './read-log.ts';
import { takeSavedPackages } from './saved-packages.ts';

export interface PastOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly cacheDirectory: string;
  /** Of a build by something else: its rawjson, absolute or `-`. */
  readonly log?: string;
  /** What else to ask for when nothing is kept: the end of a sentence. */
  readonly otherwise?: string;
}

/** Of a command that takes `--from-log`, with what was written there. */
export function pastOptions({ cwd, env, stdin }: CliIo, log: string | undefined): PastOptions {
  const path = log === undefined || log === '-' ? log : resolve(cwd, log);
  return { cwd, env, stdin, cacheDirectory: userCacheDirectory(env), ...(path !== undefined && { log: path }) };
}

/**
 * What is kept of the last build. Throws INPUT_INVALID where none was kept or the log holds none. A build told by its log
 * is kept as `slipway build` keeps its own, so that the next one has something to be compared with.
 */
export async function readPast(planned: PlannedBuild, options: PastOptions): Promise<KeptBuild> {
  const { dockerfilePath } = planned;
  const context = resolve(options.cwd, planned.userBuild.context);
  const path = keptBuildPath(planned, options);
  const kept = await readKeptBuild(path);
  if (options.log === undefined) return kept ?? missing(context, options.otherwise);
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
  if (isKnown && kept !== undefined) return kept;
  const compiled = await takeSavedPackages(path, endedAtMs);
  const now = keepAfter(kept, { steps, vertices, ...(compiled && { compiled }) });
  await writeKeptBuild(path, now);
  return now;
}

/** What a kept build did and why. */
export function explainKept({ steps, vertices, before, compiled, known }: KeptBuild): ExplainDocument {
  const packages = compiled && explainPackages(compiled, known);
  return toBuildDocument(explainBuild({ steps, vertices, before }), packages);
}

function missing(context: string, otherwise: string | undefined): never {
  throw new SlipwayError('INPUT_INVALID', `no build of \`${context}\` with this Dockerfile and target was seen here`, {
    hint:
      'Build it by `slipway build`, or name the log of another build by `--from-log FILE`' +
      (otherwise === undefined ? '.' : `, or ${otherwise}`),
  });
}
