import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../buildkit/types.ts';
import { NONCE_ARGUMENT } from './dockerfile/adapt.ts';
import type { HostPrograms } from './host-programs.ts';
import type { Worker, Workers } from './workers.ts';

export interface FreshWorkerParts {
  /** Big temporary things. */
  readonly directory: string;
  /** A private buildkitd with its state below `directory`, for as long as the engine lives. */
  readonly startEngine: (directory: string) => Promise<Engine>;
  /** Brings the base images to a builder. */
  readonly pullImages: (engine: Engine) => Promise<void>;
  readonly programs: HostPrograms;
  /** Of BuildKit, `v0.33.1`. */
  readonly version: string;
}

/**
 * A private buildkitd for each sample, on a copy of a state that holds the base images and nothing else: they are pulled once for
 * the whole run, outside of every clock.
 */
export async function openFreshWorkers(parts: FreshWorkerParts): Promise<Workers> {
  const { directory, programs } = parts;
  const template = join(directory, 'worker-template');
  await mkdir(template, { recursive: true });
  {
    await using engine = await parts.startEngine(template);
    await parts.pullImages(engine);
  }
  const places = new WeakMap<Worker, string>();
  const keptPlaces = new Map<string, string>();
  let count = 0;

  const start = async (from: string): Promise<Worker> => {
    count += 1;
    const place = join(directory, `worker-${count}`);
    await mkdir(join(place, 'buildkitd'), { recursive: true, mode: 0o700 });
    const [state, own] = [from, place].map((one) => join(one, 'buildkitd', 'root')) as [string, string];
    // A worker that was kept has cache mounts, whose files Go writes to where they are.
    await (from === template ? programs.linkState(state, own) : programs.copyTree(state, own));
    const engine = await parts.startEngine(place).catch(async (error: unknown) => {
      await programs.removeTree(place);
      throw error;
    });
    let nonce = 0;
    const worker: Worker = {
      engine,
      buildArgs: [],
      helperArgs: () => {
        nonce += 1;
        return { [NONCE_ARGUMENT]: `${count}-${nonce}` };
      },
      [Symbol.asyncDispose]: async () => {
        await engine[Symbol.asyncDispose]();
        if (places.has(worker)) await programs.removeTree(place);
      },
    };
    places.set(worker, place);
    return worker;
  };

  return {
    isolation: 'fresh-workers',
    description: `a private buildkitd for each sample, BuildKit ${parts.version}`,
    fresh: () => start(template),
    keep: async (worker, name) => {
      const place = places.get(worker);
      if (place === undefined) throw new Error('the worker is kept already');
      places.delete(worker);
      await worker[Symbol.asyncDispose]();
      const kept = join(directory, `kept-${name}`);
      await rename(place, kept);
      keptPlaces.set(name, kept);
    },
    kept: (name) => {
      const place = keptPlaces.get(name);
      if (place === undefined) throw new Error(`no worker is kept as ${name}`);
      return start(place);
    },
    [Symbol.asyncDispose]: async () => {
      for (const place of [template, ...keptPlaces.values()]) await programs.removeTree(place);
    },
  };
}
