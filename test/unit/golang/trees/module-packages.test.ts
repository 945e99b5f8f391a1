import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  collectPackages,
  formatModulePackages,
  parseModulePackages,
  readModulePackages,
} from '../../../../src/golang/trees/module-packages.ts';

describe('the packages of a module', () => {
  it('are joined from all files of a directory but tests, for every platform', () => {
    const packages = readModulePackages([
      { name: 'a/x_linux.go', text: 'package a\nimport "one.example/one"\nimport "fmt"\n' },
      { name: 'a/x_windows.go', text: '//go:build windows\n\npackage a\nimport "two.example/two"\nimport "C"\n' },
      { name: 'a/x_test.go', text: 'package a\nimport "three.example/three"\n' },
      { name: 'root.go', text: 'package root\nimport "embed"\n//go:embed a\nvar f embed.FS\n' },
      { name: 'only/x_test.go', text: 'package only\n' },
      { name: 'notes.txt', text: 'package p\n' },
    ]);
    expect(Object.fromEntries(packages)).toEqual({
      '': { imports: [], usesCgo: false, embeds: true },
      a: { imports: ['one.example/one', 'two.example/two'], usesCgo: true, embeds: false },
    });
    expect(formatModulePackages(packages)).toBe('slipway-packages 1\n. e\na c one.example/one two.example/two\n');
  });

  it('are not written where a directory has white space in its name', () => {
    expect(formatModulePackages(readModulePackages([{ name: 'a b/x.go', text: 'package x\n' }]))).toBeUndefined();
  });

  const element = fc.stringMatching(/^[a-zA-Z0-9._~+-]{1,8}$/).filter((name) => !/^\.{1,2}$/.test(name));
  const directory = fc.array(element, { maxLength: 3 }).map((elements) => elements.join('/'));
  const needs = fc.record({
    imports: fc.uniqueArray(element.map((name) => `a.example/${name}`)).map((paths) => paths.sort()),
    usesCgo: fc.boolean(),
    embeds: fc.boolean(),
  });

  it('come back from their text', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(directory, needs)), (pairs) => {
        const packages = new Map(pairs);
        const text = formatModulePackages(packages);
        expect(parseModulePackages(text ?? '')).toEqual(packages);
      }),
    );
  });

  it.each([
    '',
    'slipway-packages 2\n',
    'slipway-packages 1\na x\n',
    'slipway-packages 1\na -',
    'slipway-packages 1\na\n',
    'slipway-packages 1\na -  b\n',
  ])('are not read from %j', (text) => {
    expect(parseModulePackages(text)).toBeUndefined();
  });
});

it('keeps no text of a file, but for the imports', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const collector = collectPackages();
  for (let at = 0; at < 50; at++) {
    const source = `package p\n\nimport _ "long.example/enough/to/be/a/part/of/the/text/${at}"\n`;
    collector.add({ name: `${at}/p.go`, text: Buffer.from(source.padEnd(1024 ** 2, 'x')).toString('latin1') });
  }
  expect(heap() - before).toBeLessThan(10 * 1024 ** 2);
  expect(collector.packages().size).toBe(50);
});
