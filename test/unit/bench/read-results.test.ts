import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchSchema } from '../../../scripts/bench-schema.ts';
import { MAX_RESULTS_BYTES, readResults } from '../../../src/bench/read-results.ts';
import { isSlipwayError, type SlipwayError } from '../../../src/core/errors.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';

const FIXTURE = readFileSync(join(import.meta.dirname, '../../fixtures/bench/made-up.json'), 'utf8');

function refused(text: string): SlipwayError {
  try {
    readResults(text, 'now.json');
  } catch (error) {
    if (isSlipwayError(error, 'INPUT_INVALID')) return error;
    throw error;
  }
  throw new Error('it was read');
}

/** The made-up results with one member set to something else; undefined takes it out. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const root = JSON.parse(FIXTURE) as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  const owner = path.slice(0, -1).reduce((at, key) => at[key] as Record<string | number, unknown>, root);
  owner[last] = value;
  return JSON.stringify(root);
}

describe('a results file', () => {
  it('gives back what was written', () => {
    const results = madeUpResults();
    expect(readResults(JSON.stringify(results), 'now.json')).toEqual(results);
    expect(readResults(FIXTURE, 'now.json')).toEqual(results);
    expect(benchSchema.safeParse(results).error).toBeUndefined();
  });

  it('may lack the revision, have a byte order mark, and members of a later slipway', () => {
    expect(readResults(changed(['project', 'revision'], undefined), 'now.json').project).not.toHaveProperty('revision');
    expect(readResults(`\uFEFF${FIXTURE}`, 'now.json')).toEqual(madeUpResults());
    expect(readResults(changed(['samples', 0, 'weather'], 'rain'), 'now.json')).toEqual(madeUpResults());
  });

  it.each<readonly [string, readonly (string | number)[], unknown, string]>([
    ['negative seconds', ['samples', 3, 'seconds'], -1, "`samples[3].seconds` can't be `-1`"],
    ['seconds as text', ['samples', 3, 'seconds'], '27', '`samples[3].seconds` can\'t be `"27"`'],
    ['no seconds', ['samples', 3, 'seconds'], undefined, '`samples[3].seconds` is missing'],
    ['a phase below zero', ['samples', 0, 'phases', 'after'], -0.5, "`samples[0].phases.after` can't be `-0.5`"],
    ['half a byte', ['samples', 1, 'bytesUp'], 0.5, "`samples[1].bytesUp` can't be `0.5`"],
    ['packages below zero', ['samples', 1, 'packagesCompiled'], -2, "`samples[1].packagesCompiled` can't be `-2`"],
    ['a step without a name', ['samples', 2, 'steps', 1, 'name'], undefined, '`samples[2].steps[1].name` is missing'],
    ['another strategy', ['samples', 5, 'strategy'], 'magic', '`samples[5].strategy` can\'t be `"magic"`'],
    ['a strategy of Object', ['samples', 5, 'strategy'], 'toString', '`samples[5].strategy` can\'t be `"toString"`'],
    ['cgo as text', ['samples', 5, 'cgo'], '0', '`samples[5].cgo` can\'t be `"0"`'],
    ['repeat 0', ['samples', 5, 'repeat'], 0, "`samples[5].repeat` can't be `0`"],
    ['no repeats', ['repeats'], 0, "`repeats` can't be `0`"],
    ['a million repeats', ['repeats'], 1_000_000, "`repeats` can't be `1000000`"],
    ['samples that are none', ['samples'], { 0: {} }, "`samples` can't be an object"],
    ['a sample that is none', ['samples', 7], null, "`samples[7]` can't be `null`"],
    ['no machine', ['machine'], undefined, '`machine` is missing'],
    ['a version that is no text', ['machine', 'tools', 'go'], 1.26, "`machine.tools.go` can't be `1.26`"],
    ['a day that is none', ['startedAt'], '2026-13-45T00:00:00Z', '`startedAt` can\'t be `"2026-13-45T00:00:00Z"`'],
    ['a long text', ['isolation'], 'x'.repeat(5000), `\`isolation\` can't be \`"${'x'.repeat(39)}…\``],
  ])('with %s is refused by name', (_, path, value, message) => {
    const error = refused(changed(path, value));
    expect(error.message).toBe(`now.json: ${message}`);
    expect(error.hint).toMatch(/^Write /);
    expect(error.exitCode).toBe(2);
  });

  it('with a number too large for any is refused', () => {
    expect(refused(FIXTURE.replace(/"seconds":[\d.]+/, '"seconds":1e999')).message).toMatch(
      /seconds` can't be `Infinity`$/,
    );
  });

  it('with one build twice names both', () => {
    const { samples, ...rest } = madeUpResults();
    const error = refused(JSON.stringify({ ...rest, samples: [...samples, samples[3]] }));
    expect(error.message).toBe(
      `now.json: samples[${samples.length}] measures the same as samples[3]: none/edit-main, repeat 1`,
    );
  });

  it('with a round that the run did not have is refused', () => {
    expect(refused(changed(['repeats'], 4)).message).toMatch(
      /^now\.json: samples\[\d+\]\.repeat is 5, but `repeats` is 4$/,
    );
  });

  it.each([
    ['', 'now.json is empty'],
    [' \n', 'now.json is empty'],
    [FIXTURE.slice(0, 500), 'now.json is cut off: its JSON has no end'],
    [FIXTURE.slice(0, -3), 'now.json is cut off: its JSON has no end'],
    ['{\n"kind": \u001b[31m}', 'now.json is not JSON: fault in line 2'],
    ['<html>', 'now.json is not JSON: fault in line 1'],
    [FIXTURE.replace('"repeats": 5', '"repeats": five'), 'now.json is not JSON: fault in line 8'],
    ['[]', "now.json: the document can't be a list"],
    ['null', "now.json: the document can't be `null`"],
    ['{}', 'now.json holds no results of `slipway bench`: `kind` is not `slipway-bench`'],
    [
      changed(['kind'], 'slipway-report'),
      'now.json holds no results of `slipway bench`: `kind` is not `slipway-bench`',
    ],
    [changed(['schemaVersion'], 2), 'now.json has schemaVersion 2; this slipway reads 1'],
    [changed(['schemaVersion'], '1'), 'now.json: `schemaVersion` can\'t be `"1"`'],
  ])('that is something else is refused: case %#', (text, message) => {
    expect(refused(text).message).toBe(message);
  });

  it('of half a gigabyte is refused at once', () => {
    const before = performance.now();
    expect(refused(' '.repeat(500_000_000)).message).toBe(
      `now.json is larger than ${MAX_RESULTS_BYTES / 1024 / 1024} MiB`,
    );
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('is read or refused by name, wherever it was cut or whatever a member became', () => {
    const readOrRefuse = (text: string): void => {
      try {
        readResults(text, 'now.json');
      } catch (error) {
        if (!isSlipwayError(error, 'INPUT_INVALID')) throw error;
      }
    };
    fc.assert(
      fc.property(fc.nat(FIXTURE.length), (length) => readOrRefuse(FIXTURE.slice(0, length))),
      { numRuns: 50 },
    );
    const { samples, ...rest } = madeUpResults({ repeats: 1 });
    const names = Object.keys(samples[0] ?? {});
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
        readOrRefuse(JSON.stringify({ ...rest, samples: [{ ...samples[0], [name]: value }] }));
      }),
    );
  });
});
