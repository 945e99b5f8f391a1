import { createCipheriv, createHash } from 'node:crypto';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { actionPath, formatActionRecord, outputPath } from '../../../src/pack/action-record.ts';
import { zipFile } from '../../../test/helpers/zip-file.ts';
import type { ModelEntry } from './build-model.ts';
import type { Weight } from './project.ts';

/** A model's entry as a file: its real name in the cache, and bytes of its size that pack to its packed size. */
export interface MadeEntry {
  readonly kind: MountKind;
  readonly path: string;
  readonly sizeBytes: number;
  /** In a pack, the tar's header included. */
  readonly packedBytes: number;
  /** Made anew at each call, since a history has more of them than memory. */
  readonly content: () => Buffer;
}

/** What the header of a member adds to a pack: most of it is the name, 64 random hex digits. */
export const HEADER_BYTES = 100;
/** What deflate makes of a run of zeros. */
const ZEROS_PER_BYTE = 220;

/** Names and makes the entries of a history; an entry that comes again has the same name. */
export function createEntryMaker(startMs: number): (entry: ModelEntry) => MadeEntry {
  const outputs = new Map<string, { readonly hex: string; readonly sizeBytes: number }>();
  const made = new Map<string, MadeEntry>();
  const outputOf = (key: string, weight: Weight): { readonly hex: string; readonly sizeBytes: number } => {
    const known = outputs.get(key);
    if (known !== undefined) return known;
    const bytes = fillBytes(key, weight);
    const output = { hex: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
    outputs.set(key, output);
    return output;
  };
  const make = ({ kind, key, what, weight, output }: ModelEntry): MadeEntry => {
    const packedBytes = weight[1] + HEADER_BYTES;
    if (what === 'output') {
      const { hex, sizeBytes } = outputOf(key, weight);
      return { kind, path: outputPath(hex), sizeBytes, packedBytes, content: () => fillBytes(key, weight) };
    }
    if (what === 'action') {
      const actionHex = createHash('sha256').update(key).digest('hex');
      const found = outputs.get(output ?? '');
      if (found === undefined) throw new Error(`the output \`${output}\` of \`${key}\` was not made before it`);
      const record = { actionHex, outputHex: found.hex, sizeBytes: found.sizeBytes };
      const content = formatActionRecord(record, startMs);
      return { kind, path: actionPath(actionHex), sizeBytes: content.length, packedBytes, content: () => content };
    }
    const [module = '', version = ''] = key.replace(/\.(?:zip|mod)$/, '').split('@');
    const number = createHash('sha256').update(version).digest().readUInt32LE();
    const path = `cache/download/example.com/m${module}/@v/v0.${number}.0.${what}`;
    const content = (): Buffer => (what === 'zip' ? zipFile('m/a.go', fillBytes(key, weight)) : textOf(weight[0]));
    return { kind, path, sizeBytes: content().length, packedBytes, content };
  };
  return (entry) => {
    const known = made.get(entry.key);
    if (known !== undefined) return known;
    const one = make(entry);
    made.set(entry.key, one);
    return one;
  };
}

/** As many random bytes as the packed size needs, then zeros. */
function fillBytes(seed: string, [sizeBytes, packedBytes]: Weight): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  const zeros = Math.max(0, sizeBytes - packedBytes) / ZEROS_PER_BYTE;
  const random = Math.min(sizeBytes, Math.max(Math.min(16, sizeBytes), Math.round(packedBytes - zeros)));
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  cipher.update(bytes.subarray(0, random)).copy(bytes);
  return bytes;
}

function textOf(sizeBytes: number): Buffer {
  return Buffer.from('module example.com/m\n'.padEnd(Math.max(24, sizeBytes), '/'));
}
