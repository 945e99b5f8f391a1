import { execFileSync } from 'node:child_process';
import { zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { retimeTar } from '../../../../bench/lib/transport/retime-tar.ts';
import { writePack } from '../../../../src/pack/write-pack.ts';

const LONG = `cache/download/example.com/${'long/'.repeat(30)}m/@v/v1.0.0.info`;
const SHORT = 'cache/download/example.com/a/@v/v1.0.0.mod';

async function packOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const members = async function* () {
    for (const [path, text] of Object.entries(files).sort()) {
      yield { path, sizeBytes: Buffer.byteLength(text), body: Buffer.from(text) };
    }
  };
  const write = async (chunk: Uint8Array) => void chunks.push(chunk);
  await writePack(members(), { kind: 'gomodcache', write });
  return zstdDecompressSync(Buffer.concat(chunks));
}

it('tar reads the same files with the new time, long names too', async () => {
  const tar = await packOf({ [LONG]: '{"Version":"v1.0.0"}', [SHORT]: 'module example.com/a\n'.repeat(100) });
  const members = [...retimeTar(tar, Date.UTC(2100, 0) / 1000)];
  const again = Buffer.concat([...members.map(({ blocks }) => blocks), Buffer.alloc(1024)]);
  expect(again.length).toBe(tar.length);

  const options = { input: again, env: { ...process.env, TZ: 'UTC' }, encoding: 'utf8' } as const;
  const lines = execFileSync('tar', ['-tvf', '-'], options).trim().split('\n');
  expect(lines.map((line) => line.split(/\s+/).slice(-3))).toEqual([
    ['2100-01-01', '00:00', `gomodcache/${SHORT}`],
    ['2100-01-01', '00:00', `gomodcache/${LONG}`],
  ]);
  for (const name of [SHORT, LONG]) {
    const args = ['-xOf', '-', `gomodcache/${name}`];
    expect(execFileSync('tar', args, options)).toBe(execFileSync('tar', args, { ...options, input: tar }));
  }
});

it('gives each file its whole name and content', async () => {
  const tar = await packOf({ [LONG]: '{"Version":"v1.0.0"}' });
  const files = [...retimeTar(tar, 1)].filter(({ name }) => name.startsWith('gomodcache/'));
  expect(files.map(({ name, content }) => [name, Buffer.from(content).toString()])).toEqual([
    [`gomodcache/${LONG}`, '{"Version":"v1.0.0"}'],
  ]);
});
