import type { Clock } from '../core/clock.ts';
import type { LocalCache } from './local-cache.ts';
import { readRequests, type ProgRequest } from './read-requests.ts';
import type { RemotePacks } from './remote-packs.ts';

export interface ServeOptions {
  readonly input: AsyncIterable<Uint8Array>;
  /** Takes one line of JSON at a time. */
  readonly write: (line: string) => void;
  readonly local: LocalCache;
  /** Where puts go that the local cache can't take: Go fails a build whose put fails. */
  readonly spare: LocalCache;
  readonly remote: Pick<RemotePacks, 'find'>;
  /** Stores what was new; ends by itself when the signal is aborted. */
  readonly publish: (newActions: ReadonlyMap<string, string>, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Longest time from `close` to its answer. */
  readonly closeMs: number;
}

/** What a run answered. */
export interface ServeCounts {
  gets: number;
  hits: number;
  puts: number;
  /** Lines that were no request, or none that can be answered. */
  broken: number;
}

const HASH = /^[0-9a-f]{64}$/;

/**
 * Speaks Go's cache protocol until `close` or the end of the input. Nothing of the store can fail a request: a get is a hit
 * or a miss in bounded time, a put is done when it is on this disk, and close is answered in bounded time.
 */
export async function serve(options: ServeOptions): Promise<ServeCounts> {
  const { clock, log } = options;
  const counts: ServeCounts = { gets: 0, hits: 0, puts: 0, broken: 0 };
  const newActions = new Map<string, string>();
  const running = new Set<Promise<void>>();
  const answer = (id: number, fields: object = {}): void => options.write(`${JSON.stringify({ ID: id, ...fields })}\n`);

  const get = async ({ id, actionHex }: ProgRequest): Promise<void> => {
    counts.gets += 1;
    const hit = HASH.test(actionHex)
      ? ((await options.local.find(actionHex)) ?? (await options.remote.find(actionHex)))
      : undefined;
    if (!hit) return answer(id, { Miss: true });
    counts.hits += 1;
    answer(id, { OutputID: toBase64(hit.outputHex), Size: hit.sizeBytes, DiskPath: hit.path });
  };

  const put = async ({ id, actionHex, outputHex, body }: ProgRequest): Promise<void> => {
    counts.puts += 1;
    if (!HASH.test(actionHex) || !HASH.test(outputHex)) return answer(id, { Err: 'an id that is no SHA-256' });
    const path = await options.local.put(actionHex, outputHex, body).then(
      (placed) => {
        newActions.set(actionHex, outputHex);
        return placed;
      },
      (error: unknown) => {
        log(`a put could not be kept: ${String(error)}`);
        return options.spare.put(actionHex, outputHex, body);
      },
    );
    answer(id, { DiskPath: path });
  };

  const handle = async (request: ProgRequest): Promise<void> => {
    try {
      if (request.command === 'get') await get(request);
      else if (request.command === 'put') await put(request);
      else answer(request.id, { Err: `unknown command \`${request.command.slice(0, 40)}\`` });
    } catch (error) {
      log(`${request.command} ${request.actionHex} failed: ${String(error)}`);
      if (request.command === 'get') answer(request.id, { Miss: true });
      else answer(request.id, { Err: String(error) });
    }
  };

  const close = async (): Promise<void> => {
    await Promise.all(running);
    if (newActions.size === 0) return;
    const stop = new AbortController();
    const timer = new AbortController();
    const published = options.publish(newActions, stop.signal).catch((error: unknown) => {
      log(`what was new is left out: ${error instanceof Error ? error.message : String(error)}`);
    });
    const timeUp = clock.sleep(options.closeMs, timer.signal).catch(() => undefined);
    await Promise.race([published, timeUp]);
    timer.abort();
    stop.abort(new Error(`it took more than ${options.closeMs / 1000} s`));
  };

  answer(0, { KnownCommands: ['get', 'put', 'close'] });
  for await (const request of readRequests(options.input)) {
    if ('problem' in request) {
      counts.broken += 1;
      log(`Go sent ${request.problem}`);
      // An answer to an ID that isn't waited for would fail the build.
      if (request.id !== undefined) answer(request.id, { Err: request.problem });
    } else if (request.command === 'close') {
      await close();
      answer(request.id);
      return counts;
    } else {
      const task = handle(request);
      running.add(task);
      void task.then(() => running.delete(task));
    }
  }
  log('the input ended without a close');
  await close();
  return counts;
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
