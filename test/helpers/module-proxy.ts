import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

export interface ModuleProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: readonly string[];
}

export interface ServedModule {
  readonly path: string;
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A module proxy that serves these modules and nothing else. Its protocol: https://go.dev/ref/mod#goproxy-protocol */
export async function startModuleProxy(...modules: readonly ServedModule[]): Promise<ModuleProxy> {
  const answers: Record<string, Buffer> = Object.assign({}, ...modules.map(answersOf));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const answer = answers[decodeURIComponent(request.url ?? '')];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: stop };
}

function answersOf(module: ServedModule): Readonly<Record<string, Buffer>> {
  // Capitals are escaped, as in a module cache.
  const base = `/${module.path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)}/@v/`;
  return {
    [`${base}list`]: Buffer.from(`${module.version}\n`),
    [`${base}${module.version}.info`]: Buffer.from(
      JSON.stringify({ Version: module.version, Time: '2026-01-01T00:00:00Z' }),
    ),
    [`${base}${module.version}.mod`]: Buffer.from(module.files['go.mod'] ?? ''),
    [`${base}${module.version}.zip`]: storedZip(zipEntries(module)),
  };
}

/** The zip as the proxy serves it. */
export function zipOf(module: ServedModule): Buffer {
  return storedZip(zipEntries(module));
}

/** Its lines in go.sum. Source: golang.org/x/mod/sumdb/dirhash, Hash1 */
export function goSumOf(module: ServedModule): string {
  const { path, version, files } = module;
  const mod = hash1([['go.mod', files['go.mod'] ?? '']]);
  return `${path} ${version} ${hash1(zipEntries(module))}\n${path} ${version}/go.mod ${mod}\n`;
}

type Entry = readonly [name: string, text: string];

function zipEntries({ path, version, files }: ServedModule): readonly Entry[] {
  return Object.entries(files).map(([name, text]) => [`${path}@${version}/${name}`, text]);
}

function hash1(entries: readonly Entry[]): string {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`);
  return `h1:${createHash('sha256').update(lines.join('')).digest('base64')}`;
}

/** A zip without compression: local headers, central directory, end. */
function storedZip(entries: readonly Entry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const [nameBytes, data] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x5c21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    local.push(Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, data);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, nameBytes);
    offset += 4 + common.length + nameBytes.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
