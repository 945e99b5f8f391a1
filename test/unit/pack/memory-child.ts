import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { readPack } from '../../../src/pack/read-pack.ts';
import { rewritePack } from '../../../src/pack/rewrite-pack.ts';
import { type PackMember, writePack } from '../../../src/pack/write-pack.ts';
import { actionFile, outputFile, seededRandom } from './pack-fixtures.ts';

/**
 * Writes a pack of `argv[2]` MiB, reads it, and writes the whole of it anew, all at once and without a file between;
 * prints what it read and the most memory it took.
 */
const MIB = 1024 ** 2;
const totalMib = Number(process.argv[2]);
const outputs = 4;
const random = seededRandom(1);
const block = Buffer.from(Array.from({ length: MIB }, (_, index) => (index % 64 < 24 ? random() * 256 : index % 7)));

function* contentOf(index: number): Generator<Uint8Array> {
  yield Buffer.from(`output ${index}`.padEnd(64));
  for (let i = 0; i < totalMib / outputs; i++) yield block;
}

async function* members(): AsyncGenerator<PackMember> {
  const sizeBytes = 64 + (totalMib / outputs) * MIB;
  const large = Array.from({ length: outputs }, (_, index) => {
    const hash = createHash('sha256');
    for (const chunk of contentOf(index)) hash.update(chunk);
    const hex = hash.digest('hex');
    return { path: `${hex.slice(0, 2)}/${hex}-d`, sizeBytes, index };
  });
  const small = outputFile('small');
  const actions = Array.from({ length: 20_000 }, (_, index) => actionFile(`${index}`, small));
  const all = [...large, ...actions].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of all) {
    if ('bytes' in file) yield { path: file.path, sizeBytes: file.bytes.length, body: file.bytes };
    else yield { path: file.path, sizeBytes, body: toAsync(contentOf(file.index)) };
  }
}

async function* toAsync(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const send = (stream: PassThrough) => (chunk: Uint8Array) =>
  new Promise<void>((resolve, reject) => stream.write(chunk, (error) => (error ? reject(error) : resolve())));

const first = new PassThrough();
const second = new PassThrough();
const written = writePack(members(), { kind: 'gocache', write: send(first) }).finally(() => first.end());
const rewritten = rewritePack({
  kind: 'gocache',
  sources: [() => first],
  keep: () => true,
  write: send(second),
}).finally(() => second.end());
const reading = await readPack(second, { kind: 'gocache' });
const isSame = (await written).diffId === reading.diffId && (await rewritten).digest === reading.digest;
const { uncompressedBytes, entries, damaged, actions } = reading;
process.stdout.write(
  JSON.stringify({
    isSame,
    uncompressedBytes,
    entries: entries.length,
    damaged: damaged.length,
    actions: actions.length,
    maxRssMib: process.resourceUsage().maxRSS / 1024,
  }),
);
