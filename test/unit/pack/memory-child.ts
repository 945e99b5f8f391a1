import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { readPack } from '../../../src/pack/read-pack.ts';
import { rewritePack } from '../../../src/pack/rewrite-pack.ts';
import { type PackMember, writePack } from '../../../src/pack/write-pack.ts';
import { actionFile, outputFile, seededRandom, sha256Hex } from './pack-fixtures.ts';

/**
 * Does one thing to packs and prints what came of it, and the most memory it took:
 * `write OUT MIB ACTIONS`, `rewrite IN OUT`, `read IN`.
 */
const MIB = 1024 ** 2;
const OUTPUTS = 4;
const random = seededRandom(1);
const block = Buffer.from(Array.from({ length: MIB }, (_, index) => (index % 64 < 24 ? random() * 256 : index % 7)));

function* contentOf(index: number, mib: number): Generator<Uint8Array> {
  yield Buffer.from(`output ${index}`.padEnd(64));
  for (let i = 0; i < mib / OUTPUTS; i++) yield block;
}

async function* toAsync(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function* members(mib: number, actions: number): AsyncGenerator<PackMember> {
  const sizeBytes = 64 + (mib / OUTPUTS) * MIB;
  const large = Array.from({ length: OUTPUTS }, (_, index) => {
    const hash = createHash('sha256');
    for (const chunk of contentOf(index, mib)) hash.update(chunk);
    const hex = hash.digest('hex');
    return { path: `${hex.slice(0, 2)}/${hex}-d`, index };
  });
  const small = outputFile('small');
  // Only names and seeds are kept, so that what is measured is the writer.
  const names = Array.from({ length: actions }, (_, seed) => {
    const id = sha256Hex(`action ${seed}`);
    return { path: `${id.slice(0, 2)}/${id}-a`, seed };
  });
  for (const one of [...large, ...names].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if ('index' in one) yield { path: one.path, sizeBytes, body: toAsync(contentOf(one.index, mib)) };
    else {
      const { path, bytes } = actionFile(String(one.seed), small);
      yield { path, sizeBytes: bytes.length, body: bytes };
    }
  }
}

function writerTo(file: string) {
  const out = createWriteStream(file);
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (!out.write(chunk)) await once(out, 'drain');
  };
  return { write, end: () => finished(out.end()) };
}

const [mode = '', first = '', second = '', third = ''] = process.argv.slice(2);
const input = () => createReadStream(first, { highWaterMark: 1 << 18 });
let facts: object;
if (mode === 'read') {
  const { entries, damaged, actions, ...rest } = await readPack(input(), { kind: 'gocache' });
  facts = { ...rest, entries: entries.length, damaged: damaged.length, actions: actions.length };
} else {
  const out = writerTo(mode === 'write' ? first : second);
  const pack =
    mode === 'write'
      ? await writePack(members(Number(second), Number(third)), { kind: 'gocache', write: out.write })
      : await rewritePack({ kind: 'gocache', sources: [input], keep: () => true, write: out.write });
  await out.end();
  facts = { ...pack, entries: pack.entries.length };
}
process.stdout.write(JSON.stringify({ ...facts, maxRssMib: process.resourceUsage().maxRSS / 1024 }));
