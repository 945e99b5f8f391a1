import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSlipwayError } from '../../../../src/core/errors.ts';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { planMakeRun } from '../../../../src/golang/makefile/plan-make-run.ts';
import type { MakeRun } from '../../../../src/golang/makefile/types.ts';
import { MAKE_CASES } from './cases.ts';

const TOKENS = [
  ...[
    'a',
    'b',
    'all',
    '\\:',
    'go build',
    'x.go',
    ':',
    '::',
    ' | ',
    '=',
    ':=',
    '?=',
    '+=',
    '!=',
    '\n',
    '\n\t',
    '\n\t@',
    ' ',
    '\t',
    '\\\n',
    '#',
  ],
  ...[
    '$',
    '$$',
    '$(',
    '${',
    ')',
    '}',
    '$(A)',
    '$@',
    '$<',
    '$^',
    '$*',
    '%',
    '%.o: %.c',
    ',',
    'A = 1\n',
    'A += $(A)\n',
    'A := $(A)$(A)\n',
  ],
  ...[
    'ifeq (a,b)\n',
    'ifdef A\n',
    'else\n',
    'else ifdef B\n',
    'endif\n',
    'define X\n',
    'endef\n',
    'include b.mk\n',
    '-include *.mk\n',
  ],
  ...[
    'export A\n',
    'override ',
    'unexport\n',
    'undefine A\n',
    '.PHONY: all\n',
    '.ONESHELL:\n',
    '.RECIPEPREFIX = >\n',
    '.SECONDEXPANSION:\n',
  ],
  ...[
    '$(MAKE) all',
    '$(MAKE) -C sub',
    '$(shell x)',
    '$(eval A=1)',
    '$(call X,1)',
    '$(foreach i,a b,$(i))',
    '$(wildcard *)',
    '$(if a,b,c)',
  ],
  ...[
    '$(patsubst %.c,%.o,$(A))',
    '$(subst a,b,$(A))',
    '$(sort b a)',
    '$(word 1,a)',
    '$(wordlist 1,2,a b)',
    ';',
    '&:',
    '\r\n',
    'é',
    '\uE000',
    '\0',
  ],
];

const makefiles = fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(''));

function run(makefile: string): MakeRun | undefined {
  const tree = fileTreeOf({ Makefile: makefile, 'b.mk': 'b:\n\techo b\n', 'sub/Makefile': makefile, 'x.c': '' });
  try {
    return planMakeRun(tree, { directory: '', targets: [], variables: new Map(), environment: new Map() });
  } catch (error) {
    // Only a circle of includes ends it.
    if (isSlipwayError(error, 'INPUT_INVALID')) return undefined;
    throw error;
  }
}

describe('planMakeRun on anything', () => {
  it('ends, with places that are in the file', () => {
    fc.assert(
      fc.property(makefiles, (makefile) => {
        for (const { file, range } of run(makefile)?.recipes ?? []) {
          if (file === 'b.mk') continue;
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.end).toBeGreaterThanOrEqual(range.start);
          expect(range.end).toBeLessThanOrEqual(makefile.length);
        }
      }),
      { seed: 6, numRuns: 4000 },
    );
  });

  it('ends for every Makefile of the comparison with a piece cut out', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MAKE_CASES),
        fc.nat(),
        fc.nat(20),
        fc.constantFrom(...TOKENS),
        (each, at, length, by) => {
          const makefile = each.files['Makefile'] ?? '';
          const start = at % (makefile.length + 1);
          run(makefile.slice(0, start) + by + makefile.slice(start + length));
        },
      ),
      { seed: 7, numRuns: 4000 },
    );
  });

  // Processor time: bounds are wide, a quadratic step takes minutes.
  it.each([
    ['one long line', `a: ${'b '.repeat(500_000)}\n`, 5000],
    ['continuations', `A = a${' \\\n  b'.repeat(100_000)}\na:\n\techo\n`, 5000],
    ['a recipe of continuations', `a:\n\techo${' \\\n\t  b'.repeat(100_000)}\n`, 5000],
    ['variables', `${'A := a\n'.repeat(100_000)}a:\n\techo\n`, 5000],
    ['appending', `${'A += a\n'.repeat(20_000)}a:\n\techo\n`, 5000],
    ['appending at once', `A := a\n${'A += $(A)\n'.repeat(100)}a:\n\techo $(A)\n`, 5000],
    ['rules', Array.from({ length: 30_000 }, (_, index) => `t${index}: t${index + 1}\n`).join(''), 5000],
    ['recipe lines', `a:\n${'\tgo build .\n'.repeat(20_000)}`, 5000],
    ['references', `A = ${'$('.repeat(500_000)}\na:\n\techo $(A)\n`, 5000],
    ['calls', `A = ${'$(if a,'.repeat(100_000)}${')'.repeat(100_000)}\na:\n\techo $(A)\n`, 5000],
    ['a function that calls itself', 'f = $(call f,$(1)x)\na:\n\techo $(call f,x)\n', 5000],
    ['conditionals', `${'ifdef A\n'.repeat(100_000)}a:\n\techo\n`, 5000],
    ['pattern rules', `${'%.a: %.b\n\tx\n'.repeat(2000)}all: x.a\n`, 5000],
    [
      'a chain of pattern rules',
      `${Array.from({ length: 200 }, (_, index) => `%.a: %.a${index}a\n\tx\n`).join('')}all: x.a\n`,
      1500,
    ],
  ])('reads a megabyte of %s in bounded time', (_, makefile, milliseconds) => {
    const before = process.cpuUsage();
    run(makefile);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(milliseconds);
  });
});
