import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Engine } from '../buildkit/types.ts';
import { SlipwayError } from '../core/errors.ts';
import { makeTemporaryDirectory } from '../core/temporary-directory.ts';
import type { Clock } from '../core/clock.ts';

/** What a step of a build sees. */
export interface BuilderProbe {
  /** Of the disk that BuildKit keeps its state on. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Milliseconds since the epoch by the builder's clock, at some time between the two of ours. */
  readonly builderMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** The root of a step lies on the same disk as the cache mounts. */
const COMMAND = `df -Pk / | tail -n 1 | { read -r _ total _ free _; echo "slipway-doctor $(date +%s) $total $free"; }`;

/** Runs one step in the helper image. Rejects as any build does: IMAGE_UNAVAILABLE, ENGINE_FAILED. */
export async function probeBuilder(options: {
  readonly engine: Engine;
  readonly image: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<BuilderProbe> {
  const { engine, image, clock, signal } = options;
  const context = await makeTemporaryDirectory('doctor');
  let answer: BuilderProbe | undefined;
  const beforeMs = clock.now();
  try {
    const readLine = (line: string): void => {
      answer = readAnswer(line, { beforeMs, afterMs: clock.now() }) ?? answer;
    };
    // A cached step says nothing.
    const buildArgs = { SLIPWAY_NONCE: randomBytes(8).toString('hex') };
    const dockerfile = `FROM ${image}\nARG SLIPWAY_NONCE\nRUN ${COMMAND}\n`;
    const onEvent = (): void => undefined;
    await engine.runHelper(
      { phase: 'restore', dockerfile, context, buildArgs, onLogLine: readLine },
      { signal, onEvent },
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  if (answer !== undefined) return answer;
  throw new SlipwayError('ENGINE_FAILED', `a step in \`${image}\` ran on the builder and printed nothing`);
}

/** Reads `slipway-doctor <seconds> <KiB> <KiB free>`; undefined of any other line. */
export function readAnswer(line: string, window: Pick<BuilderProbe, 'beforeMs' | 'afterMs'>): BuilderProbe | undefined {
  const match = /^slipway-doctor (\d+) (\d+) (\d+)$/.exec(line);
  if (match === null) return undefined;
  const [seconds, total, free] = match.slice(1).map(Number) as [number, number, number];
  return { builderMs: seconds * 1000, totalBytes: total * 1024, freeBytes: free * 1024, ...window };
}
