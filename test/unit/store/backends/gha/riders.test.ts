import { expect, it } from 'vitest';
import { digestOf } from '../../../../../src/core/digest.ts';
import { createRiders } from '../../../../../src/store/backends/gha/riders.ts';

const name = (sequence: number) => ({ scope: 'main', sequence, nonce: '0a0b0c0d' });
const blobs = (...texts: string[]) => new Map(texts.map((text) => [digestOf(text), Buffer.from(text)]));

it('knows where each blob rides, its own word before that of others', () => {
  const riders = createRiders();
  riders.learn(name(2), { blobs: blobs('new'), elsewhere: new Map([[digestOf('old'), name(1)]]) });
  riders.learn(name(3), { blobs: blobs(), elsewhere: new Map([[digestOf('new'), name(1)]]) });
  expect(riders.locate(digestOf('new'))).toEqual(name(2));
  expect(riders.locate(digestOf('old'))).toEqual(name(1));
  expect(riders.held(digestOf('old'))).toBeUndefined();
  expect(riders.locate(digestOf('?'))).toBeUndefined();
});

it('holds so many bytes, and lets the oldest go', () => {
  const riders = createRiders(10);
  for (const [sequence, text] of ['four', 'five!', 'sixsix'].entries()) {
    riders.learn(name(sequence), { blobs: blobs(text), elsewhere: new Map() });
  }
  expect(['four', 'five!', 'sixsix'].map((text) => riders.held(digestOf(text))?.toString())).toEqual([
    undefined,
    undefined,
    'sixsix',
  ]);
  expect(riders.locate(digestOf('four'))).toEqual(name(0));
});
