import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { formatFetchPlan, writeFetchLists, writeFetchPlan } from '../../../src/buildkit/builder-fetch.ts';
import { hexOf } from '../../../src/core/digest.ts';
import { runMeasured } from '../measured-process.ts';
import type { MadePack } from './make-packs.ts';

/** Hands out packs by their hex digests, on loopback. */
export interface PackServer extends AsyncDisposable {
  readonly address: string;
}

export async function servePacks(packs: () => readonly MadePack[]): Promise<PackServer> {
  const server = createServer((request, response) => {
    const pack = packs().find(({ digest }) => request.url === `/${hexOf(digest)}`);
    if (pack === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': pack.sizeBytes });
    createReadStream(pack.file, { highWaterMark: 1 << 20 }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface FetchOrder {
  readonly program: string;
  readonly address: string;
  /** The caches that are filled stay in it: what was just removed would slow down the next. */
  readonly workDirectory: string;
  readonly signal: AbortSignal;
  /** All of it on the first processor, whose share of the server's work is on the others. */
  readonly isOnOneProcessor: boolean;
}

/** Wall seconds of the helper program from its start until these packs are in an empty GOCACHE, checked. */
export async function measureFetch(packs: readonly MadePack[], order: FetchOrder): Promise<number> {
  const { program, address, workDirectory, signal } = order;
  const context = await mkdtemp(join(workDirectory, 'fetch-'));
  const cache = join(context, 'cache');
  await mkdir(cache);
  const toFetch = packs.map(({ digest, sizeBytes, entries }) => ({
    digest,
    sizeBytes,
    url: `${address}/${hexOf(digest)}`,
    headers: {},
    entries,
  }));
  await writeFetchLists(context, toFetch);
  const secret = await writeFetchPlan(context, formatFetchPlan(toFetch, 60));
  const words = [program, 'fetch', cache, secret, join(context, 'fetch')];
  const [command = '', ...args] = order.isOnOneProcessor ? ['taskset', '-c', '0', ...words] : words;
  const { seconds, stdout } = await runMeasured({ command, args, signal });
  const fetched = stdout.split('\n').filter((line) => line.startsWith('slipway-fetched ')).length;
  if (fetched !== packs.length) throw new Error(`${fetched} of ${packs.length} packs were fetched:\n${stdout}`);
  return seconds;
}
