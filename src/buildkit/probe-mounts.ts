import type { MountKind } from '../core/mount-kind.ts';
import { writeFetchPlan } from './builder-fetch.ts';
import { type FillBehindLook, readFilled, type RunningFill, writeFill } from './fill-behind-look.ts';
import { writeHelperProgram } from './helper-program.ts';
import { type ProbeRun, runHelperScript } from './helper-run.ts';
import { type PackNames, writeNameLists } from './name-lists.ts';
import { PROBE_SCRIPT } from './scripts/probe.ts';

export interface MountProbe {
  readonly kind: MountKind;
  readonly presentEntries: number;
  readonly missingEntries: number;
  /** On the builder's disk, where the mount is. */
  readonly freeBytes: number;
  /** Numbers (places in the list that was asked about) of the packs that have gaps here. */
  readonly missingPacks: readonly number[];
  /** Packs by zstd can be unpacked there. */
  readonly hasProgram: boolean;
  /** The packs that it was asked to try can be fetched from there. */
  readonly canFetch: boolean;
}

export interface ProbeRequest {
  readonly packs: readonly PackNames[];
  /** Is to be tried; see `formatFetchPlan`. */
  readonly fetchPlan?: string | undefined;
  /** What of that plan the look is to go on with where it finds nothing. */
  readonly fill?: FillBehindLook | undefined;
  /** Called when the look is under way: until then it needs this process. */
  readonly onBegun?: () => void;
}

export interface Look {
  /** In the order of the mounts. */
  readonly probes: readonly MountProbe[];
  /** It goes on; its directory is needed as long. */
  readonly filling?: RunningFill | undefined;
}

/** Looks into each mount and answers what is missing there of these packs: as soon as that is known, where a fill goes on. */
export async function probeMounts(run: ProbeRun, request: ProbeRequest): Promise<Look> {
  const { packs, fetchPlan, fill, onBegun } = request;
  const kinds = run.target.mounts.map(({ mount }) => mount.kind);
  await writeHelperProgram(run.directory);
  const secretFile = fetchPlan === undefined ? undefined : await writeFetchPlan(run.directory, fetchPlan);
  await writeNameLists(run.directory, 'look', packs);
  if (fill !== undefined) await writeFill(run.directory, kinds, fill);
  const stopper = new AbortController();
  const looked = Promise.withResolvers<void>();
  const answers: (readonly string[])[] = [];
  const running = runHelperScript({
    ...run,
    signal: AbortSignal.any([run.signal, stopper.signal]),
    onEvent: (event) => {
      onBegun?.();
      run.onEvent(event);
    },
    onAnswer: (words) => {
      answers.push(words);
      if (words[0] === 'slipway-looked') looked.resolve();
      if (words[0] === 'slipway-moved') fill?.onBytes(Number(words[1]));
    },
    secretFile,
    phase: 'restore',
    scriptName: 'probe.sh',
    script: PROBE_SCRIPT,
  });
  await Promise.race([looked.promise, running]);
  if (fill === undefined || !answers.some(([word]) => word === 'slipway-filling')) {
    await running;
    return { probes: readProbes(kinds, answers) };
  }
  const done = running.then(() => readFilled(fill, answers));
  // Awaited by whoever has it; until then a failure must not count as unhandled.
  done.catch(() => {});
  return { probes: readProbes(kinds, answers), filling: { done, stop: (reason) => stopper.abort(reason) } };
}

function readProbes(kinds: readonly MountKind[], answers: readonly (readonly string[])[]): readonly MountProbe[] {
  const hasProgram = answers.some(([word]) => word === 'slipway-program');
  const canFetch = answers.some(([word, answer]) => word === 'slipway-reach' && answer === 'yes');
  return kinds.map((kind, index) => {
    const mine = answers.filter((words) => words[1] === String(index));
    const [, , present, missing] = mine.find(([word]) => word === 'slipway-probe') ?? [];
    return {
      kind,
      presentEntries: Number(present ?? 0),
      missingEntries: Number(missing ?? 0),
      freeBytes: Number(mine.find(([word]) => word === 'slipway-free')?.[2] ?? 0) * 1024,
      hasProgram,
      canFetch,
      missingPacks: mine.filter(([word]) => word === 'slipway-missing').map((words) => Number(words[2])),
    };
  });
}
