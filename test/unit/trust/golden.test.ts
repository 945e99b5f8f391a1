import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeManifest } from '../../../src/pack/manifest.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { Snapshot } from '../../../src/pack/types.ts';
import { parsePublicKey } from '../../../src/trust/key-text.ts';
import { parseSignatures } from '../../../src/trust/signature-text.ts';
import { signSnapshot } from '../../../src/trust/sign-snapshot.ts';
import { encodeStatement } from '../../../src/trust/statement.ts';
import { verifySnapshot } from '../../../src/trust/verify-snapshot.ts';
import { DAY_MS, FACTS, keyOf } from './trust-fixtures.ts';

const GOLDEN = join(import.meta.dirname, '..', '..', 'fixtures', 'golden');
const read = (name: string): Buffer => readFileSync(join(GOLDEN, 'v1-signed', name));

/** The unsigned golden snapshot of format 1, with the facts of a CI run. */
function goldenSnapshot(): Snapshot {
  const v1 = (name: string): Buffer => readFileSync(join(GOLDEN, 'v1', name));
  return { ...decodeSnapshot(v1('manifest.json'), v1('config.json')), facts: FACTS };
}

const KEYS = [keyOf(1), keyOf(2)];

/** If one of these fails, a change makes every signature that was ever made worthless: change the code, not the file. */
describe('signed snapshots of format 1 are believed for ever', () => {
  test('nothing is missing', () => {
    expect(readdirSync(join(GOLDEN, 'v1-signed')).sort()).toEqual([
      'config.json',
      'manifest.json',
      'public-keys.txt',
      'statement.bin',
    ]);
  });

  test('under either of the two keys that signed it', () => {
    const snapshot = decodeSnapshot(read('manifest.json'), read('config.json'));
    expect(snapshot).toEqual(goldenSnapshot());
    const lines = String(read('public-keys.txt')).trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const key = { ...parsePublicKey(line), name: undefined, scopes: ['feature/*'] };
      const policy = { keys: [key], repository: FACTS.repository, maxAgeMs: 30 * DAY_MS };
      const trust = verifySnapshot(read('manifest.json'), snapshot, { policy, nowMs: snapshot.createdAtMs });
      expect(trust).toEqual({ state: 'signed', signers: [key] });
    }
  });

  test('the statement is the same, byte for byte', () => {
    const manifest = decodeManifest(read('manifest.json'));
    const snapshot = decodeSnapshot(read('manifest.json'), read('config.json'));
    expect(Buffer.compare(encodeStatement(manifest, snapshot), read('statement.bin'))).toBe(0);
    expect(parseSignatures(manifest.signatures ?? '')).toHaveLength(2);
  });

  test('the signer still writes the same documents', () => {
    const snapshot = goldenSnapshot();
    const { manifest, config } = signSnapshot(encodeSnapshot(snapshot), snapshot, KEYS);
    expect(String(manifest)).toBe(String(read('manifest.json')));
    expect(String(config)).toBe(String(read('config.json')));
  });
});

test('a reader that knows nothing of signatures reads the same snapshot', () => {
  const text = JSON.parse(String(read('manifest.json'))) as { annotations?: unknown };
  delete text.annotations;
  const without = decodeSnapshot(Buffer.from(JSON.stringify(text)), read('config.json'));
  expect(without).toEqual(decodeSnapshot(read('manifest.json'), read('config.json')));
});
