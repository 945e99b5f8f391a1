import { expect, it } from 'vitest';
import { parseVendorModules } from '../../../../src/golang/module/vendor-modules.ts';

it('reads modules, their marks and their packages', () => {
  const text = [
    '## workspace',
    '# example.com/a v1.2.3',
    '## explicit; go 1.21',
    'example.com/a',
    'example.com/a/b',
    '# example.com/c v1.0.0 => ./c',
    '## explicit',
    'example.com/c/d',
    '# example.com/e v0.1.0',
    '# example.com/f => example.com/g v1.0.0',
    '',
  ].join('\n');
  expect(parseVendorModules(text)).toEqual([
    { path: 'example.com/a', version: 'v1.2.3', isExplicit: true, packages: ['example.com/a', 'example.com/a/b'] },
    { path: 'example.com/c', version: 'v1.0.0', isExplicit: true, packages: ['example.com/c/d'] },
    { path: 'example.com/e', version: 'v0.1.0', isExplicit: false, packages: [] },
    { path: 'example.com/f', version: '', isExplicit: false, packages: [] },
  ]);
});
