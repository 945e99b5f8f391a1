import { SlipwayError } from '../core/errors.ts';

/** A pack that breaks its format: refused whole, with the byte of the tar (or of the packed file) it breaks at. */
export function packError(problem: string, where: { tarOffset: number } | { packedOffset: number }): SlipwayError {
  const place = 'tarOffset' in where ? `byte ${where.tarOffset} of its tar` : `byte ${where.packedOffset}`;
  return new SlipwayError('PACK_INVALID', `the pack is not valid at ${place}: ${problem}`);
}

/** A name as it may be shown: printable ASCII, cut short. Names come from strangers and may hold terminal escapes. */
export function showName(name: string): string {
  const plain = name.replace(/[^ -~]/g, '?');
  return plain.length > 120 ? `${plain.slice(0, 117)}...` : plain;
}
