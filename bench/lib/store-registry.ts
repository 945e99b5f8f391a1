import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endChild, spawnTied } from '../../test/helpers/base-registry.ts';
import { toolPath } from '../../test/helpers/tools.ts';
import { startCountingProxy } from './counting-proxy.ts';

/** A registry behind a proxy that counts what clients send. */
export interface StoreRegistry extends AsyncDisposable {
  /** The proxy's `127.0.0.1:PORT`: the one clients are given. */
  readonly host: string;
  /** Bytes of all request bodies since the last call. */
  takeRequestBytes(): number;
  /** Bytes of all response bodies since the last call. */
  takeResponseBytes(): number;
}

/** A registry on loopback over a copy of `from` (or nothing), so that each sample finds the same store. */
export async function startStoreRegistry(storage: string, from?: string): Promise<StoreRegistry> {
  await rm(storage, { recursive: true, force: true });
  await mkdir(storage, { recursive: true });
  if (from !== undefined) await cp(from, storage, { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-registry-'));
  const configPath = join(directory, 'config.yml');
  await writeFile(configPath, registryConfig(storage));
  const child = spawnTied(toolPath('registry'), ['serve', configPath], { OTEL_TRACES_EXPORTER: 'none' });
  const upstream = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the store's registry ended with ${code}`)));
  });
  const proxy = await startCountingProxy(upstream);
  return {
    ...proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      await endChild(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** At level info, since that is where it says which port it listens on. */
function registryConfig(storage: string): string {
  return [
    'version: 0.1',
    'log: {level: info, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${JSON.stringify(storage)}}, delete: {enabled: true}}`,
    'http: {addr: "127.0.0.1:0"}',
    '',
  ].join('\n');
}
