import type { Engine } from '../buildkit/types.ts';
import { NONCE_ARGUMENT } from './dockerfile/adapt.ts';
import type { Worker, Workers } from './workers.ts';

/** BuildKit puts its value in front of the id of every cache mount: https://docs.docker.com/build/building/variables/#buildkit-built-in-build-args */
const NAMESPACE_ARGUMENT = 'BUILDKIT_CACHE_MOUNT_NS';

/**
 * Samples side by side on a builder that somebody else looks after: each has cache mounts of its own, and a nonce in the key of
 * every RUN. What they leave goes with the builder's garbage collection.
 */
export async function openSharedBuilder(
  engine: Engine,
  options: { readonly runId: string; readonly pullImages: (engine: Engine) => Promise<void> },
): Promise<Workers> {
  await options.pullImages(engine);
  const kept = new Map<string, string>();
  const names = new WeakMap<Worker, string>();
  let count = 0;

  const open = (name: string): Worker => {
    let nonce = 0;
    const worker: Worker = {
      engine,
      buildArgs: [`${NAMESPACE_ARGUMENT}=${name}`, `${NONCE_ARGUMENT}=${name}`],
      helperArgs: () => {
        nonce += 1;
        return { [NAMESPACE_ARGUMENT]: name, [NONCE_ARGUMENT]: `${name}-${Date.now()}-${nonce}` };
      },
      // The builder is its owner's.
      [Symbol.asyncDispose]: async () => {},
    };
    names.set(worker, name);
    return worker;
  };

  return {
    isolation: 'mount-namespaces',
    description: engine.description,
    fresh: async () => {
      count += 1;
      return open(`slipway-bench-${options.runId}-${count}`);
    },
    keep: async (worker, name) => {
      kept.set(name, names.get(worker) ?? '');
    },
    kept: async (name) => {
      const namespace = kept.get(name);
      if (namespace === undefined) throw new Error(`no worker is kept as ${name}`);
      return open(namespace);
    },
    [Symbol.asyncDispose]: async () => engine[Symbol.asyncDispose](),
  };
}
