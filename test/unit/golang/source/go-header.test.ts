import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGoSource } from '../../../../src/golang/source/go-file.ts';
import { readGoHeader, readGoHeaderBytes } from '../../../../src/golang/source/go-header.ts';
import { anyText } from '../../../helpers/any-text.ts';

describe('the header of a Go file', () => {
  it.each([
    ['package p\n', []],
    ['package p; import "a"; import b "c"\n', ['a', 'c']],
    [
      '// comment\n/* more\n*/ package p // end\nimport (\n\t. "a.b/c"\n\t_ "d" // why\n\n\tx `e`\n)\nimport "f"\n',
      ['a.b/c', 'd', 'e', 'f'],
    ],
    ['package p\nimport "C"\nimport "unsafe"\n', ['C', 'unsafe']],
    ['//go:build ignore\n\npackage main\nimport "x"\nfunc f() { _ = "import \\"y\\"" }\nimport "z"\n', ['x']],
    ['\ufeffpackage p\nimport "a"\n', ['a']],
    [Buffer.from('\ufeffpackage p\nimport "a"\n').toString('latin1'), ['a']],
    ['package p\nimport()\nimport "a"\ntype import_ int\n', ['a']],
    ['no Go at all\nimport "a"\n', []],
    ['', []],
  ])('%j imports %j', (text, imports) => {
    expect(readGoHeader(text).imports).toEqual(imports);
  });

  it.each([
    ['package p\nimport "embed"\n//go:embed a\nvar f embed.FS\n', true],
    ['package p\nimport _ "embed"\n\n//go:embed a\nvar f string\n', true],
    ['package p\nimport "embed"\nvar f embed.FS\n', false],
    ['package p\n//go:embed a\nvar f string\n', false],
  ])('%j may embed: %j', (text, mayEmbed) => {
    expect(readGoHeader(text).mayEmbed).toBe(mayEmbed);
  });

  const piece = fc.constantFrom(
    'package p',
    '\n',
    ';',
    ' ',
    'import',
    '(',
    ')',
    '"a.b/c"',
    '`d`',
    '_',
    'x',
    '.',
    '//y\n',
    '/*',
    '*/',
    'func',
    '"C"',
    '"',
    '`',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 30 }).map((pieces) => `package p\n${pieces.join(' ')}`),
    anyText(80),
  );

  it('is read as the whole file is, whatever the text', () => {
    fc.assert(
      fc.property(text, (source) => {
        const whole = new Set(readGoSource(source).imports.map(({ path }) => path));
        expect(new Set(readGoHeader(source).imports)).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the header of a large Go file', () => {
  const tails = [
    'import "a.b/c"\nimport varx "d.e/f"\nvar x = 1\n',
    'import `a.b/c`\nimport functional "d.e/f"\n// end\n',
    'import "embed"\n/* why */ import (\n"a.b/c"; "C")\n//go:embed a\nvar f embed.FS\n',
    'var x = "import"\nimport "d.e/f"\n',
  ];

  it('is read from its bytes as from its text, wherever the first piece of it ends', () => {
    for (const tail of tails) {
      for (let at = 0; at < tail.length; at++) {
        const text = `package p\n//${'x'.repeat(16 * 1024 - at - 13)}\n${tail}`;
        const longer = `${text}// ${'y'.repeat(4096)}\n`;
        expect(readGoHeaderBytes(Buffer.from(longer)), `${tail} at ${at}`).toEqual(readGoHeader(longer));
      }
    }
  });
});
