import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { helperMountTarget, formatCacheMountFlag } from '../../buildkit/mount-flag.ts';
import type { GoMount } from '../../dockerfile/types.ts';
import { directoryBytes } from '../directory-size.ts';
import { plainBuild } from './plain-build.ts';
import type { Measured, Strategy, StrategyRun } from './strategy.ts';

/**
 * The usual way to keep cache mounts: whole directories as a build context, copied into the mounts by one RUN, and after the build
 * copied out of them by another, through a local export. What a CI service then does with the directory isn't measured.
 */
export const copy: Strategy = {
  name: 'copy',
  summary: 'cache mounts, whole directories copied in before and out after, fresh worker',
  keeps: 'place',
  whyNot: ({ facts }) =>
    facts.mounts.some(({ identity }) => identity.from !== undefined)
      ? 'a cache mount is filled `from=` an image or stage, which the usual tools can not copy'
      : undefined,
  adapt: (text) => text,
  measure: async (run) => {
    const directory = join(run.place.directory, 'mounts');
    const bytesDown = run.isCold ? 0 : await directoryBytes(directory);
    const before = run.isCold ? 0 : await timed(() => copyIn(run, directory));
    const built = await plainBuild(run);
    if (built.exitCode !== 0) return built;
    const fresh = join(run.place.directory, 'mounts-out');
    const after = await timed(() => copyOut(run, fresh));
    await rm(directory, { recursive: true, force: true });
    await rename(fresh, directory);
    const bytesUp = await directoryBytes(directory);
    return { ...moved(built, before, after), bytesDown, bytesUp, bytesStored: bytesUp };
  },
};

function moved(built: Measured, before: number, after: number): Measured {
  return { ...built, phases: { ...built.phases, before, after } };
}

async function copyIn(run: StrategyRun, directory: string): Promise<void> {
  const { flags, names } = mountsOf(run.facts.mounts);
  const commands = names.map((name, index) => `cp -pR /in/${name}/. ${helperMountTarget(index)}/`);
  await helper(run, {
    dockerfile: `FROM ${run.helperImage}
USER 0:0
ARG SLIPWAY_BENCH_NONCE
RUN ${flags} --mount=type=bind,target=/in ${commands.join(' && ')}
`,
    context: directory,
  });
}

async function copyOut(run: StrategyRun, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const empty = join(run.place.directory, 'nothing');
  await mkdir(empty, { recursive: true });
  const { flags, names } = mountsOf(run.facts.mounts);
  const commands = names.map(
    (name, index) => `mkdir -p /out/${name} && cp -pR ${helperMountTarget(index)}/. /out/${name}/`,
  );
  await helper(run, {
    dockerfile: `FROM ${run.helperImage} AS out
USER 0:0
ARG SLIPWAY_BENCH_NONCE
RUN ${flags} ${commands.join(' && ')}
FROM scratch
COPY --from=out /out /
`,
    context: empty,
    exportTo: directory,
  });
}

function mountsOf(mounts: readonly GoMount[]): { readonly flags: string; readonly names: readonly string[] } {
  const flags = mounts.map(({ identity }, index) => formatCacheMountFlag(identity, helperMountTarget(index)));
  return { flags: flags.join(' '), names: mounts.map((_, index) => `mount-${index}`) };
}

async function helper(
  { worker, signal, watch }: StrategyRun,
  build: { readonly dockerfile: string; readonly context: string; readonly exportTo?: string },
): Promise<void> {
  const phase = build.exportTo === undefined ? 'restore' : 'save';
  await worker.engine.runHelper(
    { ...build, phase, buildArgs: worker.helperArgs() },
    { signal, onEvent: watch.onEvent },
  );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
