import { cp, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, hexOf, type Digest } from '../../src/core/digest.ts';
import { CONFIG_MEDIA_TYPE, decodeManifest, encodeManifest } from '../../src/pack/manifest.ts';
import {
  buildSmall,
  checkStore,
  layGround,
  runSmall,
  warningsOf,
  type Ground,
  type SmallApp,
} from '../helpers/faulty-ground.ts';
import { seededOfEach, seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

let ground: Ground;
/** Its mounts are warm: where nothing at all can be restored, a build without the cache is quick there. */
let warmApp: SmallApp;

beforeAll(async () => {
  ground = await layGround();
  warmApp = ground.seedApp;
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

interface Layout {
  readonly directory: string;
  readonly snapshot: string;
  readonly config: string;
  /** The build cache's pack, and its entry list. */
  readonly pack: string;
  readonly list: string;
}

let copies = 0;

/** A copy of the seeded store, and where its parts lie. */
async function copySeed(): Promise<Layout> {
  const directory = path.join(ground.directory, `damaged${(copies += 1)}`);
  await cp(ground.seedDirectory, directory, { recursive: true });
  const scope = path.join(directory, 'snapshots', 'main');
  const snapshot = path.join(scope, (await readdir(scope))[0] ?? '');
  const { config, layers } = decodeManifest(await readFile(snapshot));
  const blob = (digest: Digest): string =>
    path.join(directory, 'blobs/sha256', hexOf(digest).slice(0, 2), hexOf(digest));
  const largest = layers.reduce(
    (best, layer, index) => (layer.sizeBytes > (layers[best]?.sizeBytes ?? 0) ? index : best),
    0,
  );
  const [pack, list] = [layers[largest], layers[largest + 1]];
  if (pack === undefined || list === undefined) throw new Error('the seed has no pack');
  return { directory, snapshot, config: blob(config.digest), pack: blob(pack.digest), list: blob(list.digest) };
}

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0x40, bytes.length >> 1);
  await writeFile(file, bytes);
}

const halve = async (file: string): Promise<void> => truncate(file, (await stat(file)).size >> 1);
const empty = (file: string): Promise<void> => truncate(file, 0);
const extend = async (file: string): Promise<void> =>
  writeFile(file, Buffer.concat([await readFile(file), Buffer.from('more')]));

/** Another config under its own digest, and a manifest that names it: all that a newer slipway would have changed. */
async function rewriteConfig(layout: Layout, change: (document: Record<string, unknown>) => void): Promise<void> {
  const manifest = decodeManifest(await readFile(layout.snapshot));
  const config = JSON.parse(await readFile(layout.config, 'utf8')) as Record<string, Record<string, unknown>>;
  change(config['dev.slipway.snapshot'] ?? {});
  const bytes = Buffer.from(JSON.stringify(config));
  const hex = hexOf(digestOf(bytes));
  await cp(layout.config, path.join(layout.directory, 'blobs/sha256', hex.slice(0, 2), hex), { recursive: true });
  await writeFile(path.join(layout.directory, 'blobs/sha256', hex.slice(0, 2), hex), bytes);
  const next = encodeManifest({ ...manifest, config: { digest: digestOf(bytes), sizeBytes: bytes.length } });
  expect(CONFIG_MEDIA_TYPE).toContain('oci');
  await writeFile(layout.snapshot, next);
}

interface Damage {
  /** A normal run damages two of those that all hangs on, and a pack or its list. */
  readonly part: 'snapshot' | 'config' | 'format' | 'pack' | 'list';
  readonly name: string;
  readonly spoil: (layout: Layout) => Promise<unknown>;
  readonly says: RegExp;
}

const WHOLE: readonly Damage[] = [
  {
    part: 'snapshot',
    name: 'a snapshot with a flipped bit',
    spoil: ({ snapshot }) => flip(snapshot),
    says: /snapshot `main@.*` .* is left out/,
  },
  {
    part: 'snapshot',
    name: 'a truncated snapshot',
    spoil: ({ snapshot }) => halve(snapshot),
    says: /is left out: .*not JSON/,
  },
  { part: 'snapshot', name: 'an empty snapshot', spoil: ({ snapshot }) => empty(snapshot), says: /is left out/ },
  {
    part: 'snapshot',
    name: 'a snapshot that is a page of HTML',
    spoil: ({ snapshot }) => writeFile(snapshot, '<html>'),
    says: /is left out/,
  },
  { part: 'config', name: 'a config with a flipped bit', spoil: ({ config }) => flip(config), says: /is left out/ },
  {
    part: 'format',
    name: 'a snapshot of an unknown format',
    spoil: (layout) => rewriteConfig(layout, (document) => (document['formatVersion'] = 2)),
    says: /is left out: .*format that this slipway does not know/,
  },
];

const OF_A_PACK: readonly Damage[] = [
  { part: 'pack', name: 'a pack with a flipped bit', spoil: ({ pack }) => flip(pack), says: /is corrupt in the store/ },
  { part: 'pack', name: 'a truncated pack', spoil: ({ pack }) => halve(pack), says: /is corrupt in the store/ },
  { part: 'pack', name: 'an extended pack', spoil: ({ pack }) => extend(pack), says: /is corrupt in the store/ },
  {
    part: 'list',
    name: 'an entry list with a flipped bit',
    spoil: ({ list }) => flip(list),
    says: /left out: its entry list is corrupt/,
  },
  {
    part: 'list',
    name: 'a truncated entry list',
    spoil: ({ list }) => halve(list),
    says: /left out: its entry list is corrupt/,
  },
];

describe(`a damaged store costs warmth and one line (seed ${SLICE_SEED})`, () => {
  it.each(
    seededSample(
      seededOfEach(WHOLE, ({ part }) => part),
      2,
      1,
    ),
  )('$name: as if it were not there; --strict-cache fails', async ({ spoil, says }) => {
    const layout = await copySeed();
    await spoil(layout);
    const store = `type=local,dest=${layout.directory}`;
    const built = await buildSmall(ground, { store, app: warmApp, flags: ['--read-only'] });
    expect(built.run.exitCode, built.run.stderr).toBe(0);
    expect(built.output).toBe(built.wanted);
    expect(built.report.restore.state).toBe('nothing-stored');
    expect(warningsOf(built.run)).toEqual([expect.stringMatching(says)]);
    expect((await checkStore(built.machine, store)).exitCode).toBe(1);
    const strict = await runSmall(ground, { store, app: warmApp, flags: ['--read-only', '--strict-cache'] });
    expect(strict.exitCode, strict.stderr).toBe(3);
  });

  it.each(seededSample(OF_A_PACK, 1))(
    '$name: the other pack is restored; the next save stores what was lost anew',
    async ({ spoil, says }) => {
      const layout = await copySeed();
      await spoil(layout);
      const store = `type=local,dest=${layout.directory}`;
      const built = await buildSmall(ground, { store });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toBe(built.wanted);
      expect(warningsOf(built.run)).toEqual([expect.stringMatching(says)]);
      expect(built.report).toMatchObject({ restore: { state: 'restored', packsMoved: 1 }, save: { state: 'saved' } });
      const healed = await buildSmall(ground, { store, flags: ['--read-only'] });
      expect(warningsOf(healed.run), healed.run.stderr).toEqual([]);
      expect(healed.output).toBe(healed.wanted);
      expect(healed.report.restore.entriesRestored).toBeGreaterThan(100);
    },
  );

  it('a damaged newest snapshot: the older one comes forward', async () => {
    const layout = await copySeed();
    const store = `type=local,dest=${layout.directory}`;
    await buildSmall(ground, { store, app: warmApp });
    const scope = path.join(layout.directory, 'snapshots', 'main');
    const [newest] = (await readdir(scope))
      .map((name) => path.join(scope, name))
      .filter((name) => name !== layout.snapshot);
    await empty(newest ?? '');
    const built = await buildSmall(ground, { store, flags: ['--read-only'] });
    expect(built.output, built.run.stderr).toBe(built.wanted);
    expect(built.report.restore.state).toBe('restored');
    expect(warningsOf(built.run)).toEqual([expect.stringContaining('is left out')]);
  });
});
