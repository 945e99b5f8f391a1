import { statfs } from 'node:fs/promises';
import type { BuilderFacts } from '../../buildkit/builder-facts.ts';
import { formatBytes } from '../../core/size.ts';
import { existingPart } from '../existing-part.ts';
import { withBuilder } from '../needs-builder.ts';
import type { BuilderProbe } from '../probe-builder.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, Said } from '../types.ts';

export const diskCheck: Check = {
  id: 'disk',
  looksAt: 'free space of this machine, where packs pass through, and of the builder, where the mounts are',
  run: async (context) => [
    ...judgeClientDisk(await readFree(context.cacheDirectory)),
    ...(await withBuilder(
      context,
      async () => ({ builder: await context.builder(), probe: await context.probe() }),
      ({ builder, probe }) => judgeBuilderDisk(builder, probe),
    )),
  ],
};

/** Packs of a large program, which are kept between runs. */
const CLIENT_BYTES = 1e9;
/** Those unpacked, and the build beside them: less than this and a restore is cut down. */
const BUILDER_BYTES = 3e9;
/** Less than this and even a small one may fail. */
const NEARLY_NOTHING = 256e6;

interface FreeSpace {
  readonly directory: string;
  readonly freeBytes: number;
}

async function readFree(directory: string): Promise<FreeSpace> {
  const there = await existingPart(directory);
  const { bavail, bsize } = await statfs(there);
  return { directory: there, freeBytes: bavail * bsize };
}

/** The pure part for this machine. */
export function judgeClientDisk({ directory, freeBytes }: FreeSpace): readonly Said[] {
  const says = `${formatBytes(freeBytes)} free at ${directory}`;
  if (freeBytes >= CLIENT_BYTES) return [{ level: 'ok', says }];
  return [
    {
      level: freeBytes < NEARLY_NOTHING ? 'error' : 'warning',
      says: `${says}: too little for the packs that a restore fetches`,
      mend: `du -xhd1 ${shellWord(directory)} | sort -h | tail`,
    },
  ];
}

/** The pure part for the builder. */
export function judgeBuilderDisk(
  builder: BuilderFacts,
  { freeBytes, totalBytes }: Pick<BuilderProbe, 'freeBytes' | 'totalBytes'>,
): readonly Said[] {
  const says = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free on the builder`;
  const mend = usageCommand(builder);
  if (freeBytes < BUILDER_BYTES) {
    const level = freeBytes < NEARLY_NOTHING ? 'error' : 'warning';
    return [{ level, says: `${says}: too little for the Go caches and a build beside them`, mend }];
  }
  const wantedBytes = Math.max(
    0,
    ...builder.nodes.flatMap(({ gcRules = [] }) => gcRules.map((rule) => rule.minFreeBytes)),
  );
  if (freeBytes >= wantedBytes) return [{ level: 'ok', says }];
  return [
    {
      level: 'warning',
      says: `${says}: its garbage collection wants ${formatBytes(wantedBytes)} free, so after each build it deletes what was used longest ago, cache mounts too`,
      mend,
    },
  ];
}

/** Says what takes the space; what of it may go is for a person to decide. */
function usageCommand({ driver, name }: BuilderFacts): string {
  return driver === undefined
    ? `buildctl --addr ${shellWord(name)} du --verbose`
    : `docker buildx du --builder ${shellWord(name)} --verbose`;
}
