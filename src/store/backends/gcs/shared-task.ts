import { orAborted } from '../../decorators/or-aborted.ts';

/**
 * One run for all who ask while it lasts. Who aborts stops waiting; when nobody waits any more the run itself is aborted,
 * so that it holds up no one's exit.
 */
export function sharedTask<T>(run: (signal: AbortSignal) => Promise<T>): (signal?: AbortSignal) => Promise<T> {
  let current: { readonly result: Promise<T>; readonly stop: AbortController; waiting: number } | undefined;

  const start = (): NonNullable<typeof current> => {
    const stop = new AbortController();
    const task = { result: run(stop.signal), stop, waiting: 0 };
    const forget = (): void => {
      if (current === task) current = undefined;
    };
    task.result.then(forget, forget);
    return task;
  };

  return async (signal) => {
    signal?.throwIfAborted();
    const task = (current ??= start());
    task.waiting += 1;
    try {
      return await orAborted(task.result, signal);
    } finally {
      task.waiting -= 1;
      if (task.waiting === 0) {
        if (current === task) current = undefined;
        task.stop.abort(signal?.reason);
      }
    }
  };
}
