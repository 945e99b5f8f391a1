import { describe, expect, it } from 'vitest';
import { fitSpace } from '../../../../src/warm/guard/fit-space.ts';

const MIB = 1024 ** 2;

describe('fitSpace', () => {
  it.each([
    ['room for everything', { gocache: 1000, gomodcache: 100, free: 1722 }, 'all'],
    ['a MiB too little for both', { gocache: 1000, gomodcache: 100, free: 1721 }, 'modules'],
    ['just enough for modules', { gocache: 1000, gomodcache: 100, free: 622 }, 'modules'],
    ['a MiB too little for modules', { gocache: 1000, gomodcache: 100, free: 621 }, 'none'],
    ['no modules to fall back on', { gocache: 1000, gomodcache: 0, free: 1000 }, 'none'],
    ['only modules, and room', { gocache: 0, gomodcache: 100, free: 700 }, 'all'],
    ['only modules, and no room', { gocache: 0, gomodcache: 100, free: 600 }, 'none'],
    ['less than a build wants for itself', { gocache: 1, gomodcache: 1, free: 500 }, 'none'],
  ] as const)('%s', (_what, { gocache, gomodcache, free }, share) => {
    expect(fitSpace({ gocache: gocache * MIB, gomodcache: gomodcache * MIB }, free * MIB)).toBe(share);
  });
});
