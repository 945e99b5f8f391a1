import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/core/digest.ts';
import { layersDigest } from '../../../src/pack/manifest.ts';
import { decodeManifest, decodeSnapshot, encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { Snapshot } from '../../../src/pack/types.ts';
import { packRecord, snapshotOf, snapshots } from './snapshot-fixtures.ts';

type Json = Record<string, any>;

interface Parts {
  readonly manifest: Json;
  readonly config: Json;
}

function partsOf(snapshot: Snapshot): Parts {
  const { manifest, config } = encodeSnapshot(snapshot);
  return { manifest: JSON.parse(String(manifest)), config: JSON.parse(String(config)) };
}

/** Decodes after a change, with the digests between the two documents made right again. */
function decodeChanged(change: (parts: Parts, document: Json) => void): Snapshot {
  const parts = partsOf(snapshotOf());
  change(parts, parts.config['dev.slipway.snapshot']);
  const layers = parts.manifest.layers;
  if (Array.isArray(layers) && parts.config['dev.slipway.snapshot'] !== undefined) {
    const records = layers.map((layer: Json) => ({ digest: layer?.digest, sizeBytes: layer?.size }));
    parts.config['dev.slipway.snapshot'].layersDigest ??= layersDigest(records);
  }
  const config = Buffer.from(JSON.stringify(parts.config));
  if (parts.manifest.config) {
    parts.manifest.config.digest ??= digestOf(config);
    parts.manifest.config.size ??= config.length;
  }
  return decodeSnapshot(Buffer.from(JSON.stringify(parts.manifest)), config);
}

/** As `decodeChanged`, for changes that are about neither digest. */
function decodeWith(change: (parts: Parts, document: Json) => void): Snapshot {
  return decodeChanged((parts, document) => {
    delete parts.manifest.config.digest;
    delete parts.manifest.config.size;
    delete document.layersDigest;
    change(parts, document);
  });
}

describe('round trip', () => {
  test.each<[string, Partial<Snapshot>]>([
    ['as it is', {}],
    ['without packs', { packs: [] }],
    ['with a pack without entries', { packs: [packRecord('empty', { ages: [] })] }],
    ['with 256 packs', { packs: Array.from({ length: 256 }, (_, index) => packRecord(`${index}`)) }],
    ['with all ages', { packs: [packRecord('x', { ages: Array.from({ length: 256 }, (_, index) => index) })] }],
    ['with nothing optional', { merged: [], history: [], owners: {}, facts: {} }],
    ['of the oldest time', { createdAtMs: 0, sequence: 0 }],
    ['of a scope with a slash', { scope: 'feature/größe' }],
  ])('%s', (_, change) => {
    const snapshot = snapshotOf(change);
    const { manifest, config } = encodeSnapshot(snapshot);
    expect(decodeSnapshot(manifest, config)).toEqual(snapshot);
  });

  test('any snapshot, and the same bytes each time', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const one = encodeSnapshot(snapshot);
        const reordered = { ...snapshot, facts: Object.fromEntries(Object.entries(snapshot.facts).reverse()) };
        expect(decodeSnapshot(one.manifest, one.config)).toEqual(snapshot);
        expect(encodeSnapshot(reordered)).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  test('is an OCI image: each pack, then its entry list', () => {
    const snapshot = snapshotOf();
    const encoded = encodeSnapshot(snapshot);
    const { manifest, config } = partsOf(snapshot);
    expect(manifest).toMatchObject({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: encoded.configDigest,
        size: encoded.config.length,
      },
    });
    const layers = snapshot.packs.flatMap((pack) => [pack, pack.entryList]);
    expect(manifest.layers).toEqual(
      layers.map((layer) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: layer.digest,
        size: layer.sizeBytes,
      })),
    );
    expect(config).toMatchObject({
      os: 'linux',
      architecture: 'arm64',
      created: '2025-11-13T02:13:20.000Z',
      config: {},
    });
    expect(config.rootfs).toEqual({ type: 'layers', diff_ids: layers.map((layer) => layer.diffId) });
    expect(decodeManifest(encoded.manifest)).toEqual({
      config: { digest: encoded.configDigest, sizeBytes: encoded.config.length },
      layers: layers.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
    });
  });
});

describe('what comes from a later version', () => {
  test('unknown members are ignored', () => {
    const snapshot = decodeWith(({ manifest, config }, document) => {
      manifest.annotations = { x: 'y' };
      manifest.layers[0].urls = ['http://elsewhere/'];
      config.history = [];
      document.signature = 'x';
      document.packs[0].more = 1;
      document.owners.other = 7;
    });
    expect(snapshot).toEqual(snapshotOf());
  });

  test.each([
    ['representation', 'directories'],
    ['kind', 'sumdb'],
  ])('a pack of an unknown %s is left out', (member, value) => {
    const snapshot = decodeWith((_, document) => {
      document.packs[0] = {
        [member]: value,
        kind: 'gocache',
        representation: 'files',
        [member]: value,
      };
    });
    expect(snapshot.packs).toEqual(snapshotOf().packs.slice(1));
  });

  test.each([2, 0, '1', 1.5, null])('format %j is unknown', (version) => {
    const decode = (): Snapshot =>
      decodeWith((_, document) => {
        document.formatVersion = version;
      });
    expect(decode).toThrow(expect.objectContaining({ code: 'FORMAT_UNKNOWN' }));
  });
});

describe('a snapshot that is wrong', () => {
  const set =
    (path: string, value: unknown) =>
    (parts: Parts, document: Json): void => {
      const steps = path.split('.');
      const last = steps.pop() ?? '';
      let target: Json = steps[0] === 'manifest' ? parts.manifest : steps[0] === 'config' ? parts.config : document;
      for (const step of steps.slice(1)) target = target[step];
      if (value === undefined) delete target[last];
      else target[last] = value;
    };
  const wrong: [string, unknown][] = [
    ['manifest.schemaVersion', 1],
    ['manifest.mediaType', 'application/vnd.oci.image.index.v1+json'],
    ['manifest.mediaType', undefined],
    ['manifest.manifests', []],
    ['manifest.config', null],
    ['manifest.layers', null],
    ['manifest.layers', {}],
    ['manifest.layers', []],
    ['manifest.layers.0', null],
    ['manifest.layers.0.digest', 'sha256:x'],
    ['manifest.layers.0.digest', '../../x'],
    ['manifest.layers.0.size', -1],
    ['manifest.layers.0.size', 1.5],
    ['manifest.layers.0.size', '5'],
    ['manifest.layers.0.size', 1e300],
    ['manifest.layers.0.mediaType', 'application/vnd.oci.image.layer.v1.tar+xz'],
    ['manifest.config.mediaType', 'application/json'],
    ['config.rootfs', undefined],
    ['config.rootfs.type', 'x'],
    ['config.rootfs.diff_ids', []],
    ['config.rootfs.diff_ids.0', 'x'],
    ['config.dev.slipway.snapshot', undefined],
    ['document.scope', ''],
    ['document.scope', 'a\x1b[2J'],
    ['document.scope', 'a\nb'],
    ['document.scope', 'x'.repeat(513)],
    ['document.sequence', -1],
    ['document.sequence', '7'],
    ['document.nonce', 'XYZ'],
    ['document.createdAtMs', 1e300],
    ['document.merged', ['../x']],
    ['document.merged', 'x'],
    ['document.packs', undefined],
    ['document.packs', [null]],
    ['document.packs.0.layer', 99],
    ['document.packs.0.layer', -1],
    ['document.packs.0.layer', '__proto__'],
    ['document.packs.0.entryListLayer', 0],
    ['document.packs.1.layer', 0],
    ['document.packs.0.entryCount', 4],
    ['document.packs.0.entryCount', 2],
    ['document.packs.0.entryCount', 1e9],
    ['document.packs.0.uncompressedBytes', 1e15],
    ['document.packs.0.ages', 'AAAA'],
    ['document.packs.0.ages', '!'],
    ['document.packs.0.ages', ''],
    ['document.history', [{}]],
    ['document.history.0.isCold', 'yes'],
    ['document.history.0.buildSeconds', -1],
    ['document.history.0.downloadSeconds', -1],
    ['document.history.0.injectedBytes', '5'],
    ['document.history.0.injectSeconds', null],
    ['document.history', Array.from({ length: 21 }, () => snapshotOf().history[0])],
    ['document.owners.gocache', 'root'],
    ['document.owners.gocache', '0:0; rm -rf /'],
    ['document.owners', []],
    ['document.facts', { 'a b': 'c' }],
    ['document.facts', { a: 'b\u202ec' }],
    ['document.facts', { a: 5 }],
    ['document.facts', Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, 'v']))],
  ];
  test.each(wrong)('%s = %j', (path, value) => {
    const change = path.startsWith('config.dev.')
      ? ({ config }: Parts): void => {
          delete config['dev.slipway.snapshot'];
        }
      : set(path, value);
    expect(() => decodeWith(change)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
  });

  test('a share of a later writer is left out, the rest of the build stays', () => {
    const { history } = decodeWith(set('document.history.0.restored', 'half'));
    expect(history[0]).toEqual(snapshotOf().history[0]);
  });

  test('too many layers', () => {
    const many = ({ manifest }: Parts): void => {
      manifest.layers = Array.from({ length: 513 }, () => manifest.layers[0]);
    };
    expect(() => decodeWith(many)).toThrow('more than 512');
    const packs = Array.from({ length: 257 }, (_, index) => packRecord(`${index}`));
    expect(() => encodeSnapshot(snapshotOf({ packs }))).toThrow('more than 512');
  });

  test('documents past their limits', () => {
    const { manifest, config } = encodeSnapshot(snapshotOf());
    expect(() => decodeManifest(Buffer.concat([manifest, Buffer.alloc(4 * 2 ** 20, 32)]))).toThrow('a manifest of');
    expect(() => decodeSnapshot(manifest, Buffer.concat([config, Buffer.alloc(16 * 2 ** 20, 32)]))).toThrow(
      'a config of',
    );
  });

  test.each(['', 'null', '[]', '5', '{', '<html>502</html>', '\xff\xfe'])('a manifest of %j', (text) => {
    expect(() => decodeManifest(Buffer.from(text, 'latin1'))).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
    );
  });

  test('the config of another snapshot', () => {
    const { manifest } = encodeSnapshot(snapshotOf());
    const { config } = encodeSnapshot(snapshotOf({ sequence: 8 }));
    expect(() => decodeSnapshot(manifest, config)).toThrow('not the one that the manifest names');
  });

  test('layers that were exchanged', () => {
    const swap = ({ manifest, config }: Parts): void => {
      manifest.layers.reverse();
      config.rootfs.diff_ids.reverse();
    };
    const keepsLayersDigest = (parts: Parts): void => {
      delete parts.manifest.config.digest;
      delete parts.manifest.config.size;
      swap(parts);
    };
    expect(() => decodeChanged(keepsLayersDigest)).toThrow('not those of the config');
  });

  test('is never written', () => {
    expect(() => encodeSnapshot(snapshotOf({ nonce: 'x' }))).toThrow('nonce');
    expect(() => encodeSnapshot(snapshotOf({ packs: [packRecord('a'), packRecord('a')] }))).toThrow('named twice');
  });
});
