import type { BuilderFacts } from '../../buildkit/builder-facts.ts';
import type { Engine } from '../../buildkit/types.ts';
import { systemClock } from '../../core/clock.ts';
import { probeBuilder, type BuilderProbe } from '../../doctor/probe-builder.ts';

/** What several checks ask for is found out once, when the first of them asks; disposing ends what still runs. */
export interface SharedFacts extends AsyncDisposable {
  engine(): Promise<Engine>;
  builder(): Promise<BuilderFacts>;
  probe(): Promise<BuilderProbe>;
}

/** `discover` and the rest go on beyond the time of the check that asked first, and end with `dispose` or the signal. */
export function shareFacts(options: {
  readonly discover: (signal: AbortSignal) => Promise<Engine>;
  readonly image: string;
  readonly signal: AbortSignal;
}): SharedFacts {
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const begun: Promise<unknown>[] = [];
  const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
    let asked: Promise<T> | undefined;
    return () => {
      if (asked === undefined) {
        asked = ask();
        begun.push(asked);
        // Whoever asks sees the error; one that comes when nobody waits any more is nobody's.
        asked.catch(() => undefined);
      }
      return asked;
    };
  };
  let found: Engine | undefined;
  const engine = once(async () => {
    found = await options.discover(signal);
    return found;
  });
  const { image } = options;
  return {
    engine,
    builder: once(async () => (await engine()).inspect({ signal })),
    probe: once(async () => probeBuilder({ engine: await engine(), image, clock: systemClock, signal })),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await Promise.allSettled(begun);
      await found?.[Symbol.asyncDispose]();
    },
  };
}
