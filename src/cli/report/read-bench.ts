import { readFile, stat } from 'node:fs/promises';
import type { BenchResults } from '../../bench/results.ts';
import { SlipwayError } from '../../core/errors.ts';

const MOST_BYTES = 64 * 1024 * 1024;
const HINT = 'Name the file that `slipway bench --out FILE` wrote.';

/** The results of a benchmark. Throws INPUT_INVALID that names the file and the member that is wrong. */
export async function readBench(path: string): Promise<BenchResults> {
  const results = parse(path, await readText(path));
  const fail = (what: string): never => {
    throw invalid(path, what);
  };
  if (!isObject(results) || results['kind'] !== 'slipway-bench') fail('holds no results of `slipway bench`');
  const document = results as Record<string, unknown>;
  if (document['schemaVersion'] !== 1) {
    throw new SlipwayError('INPUT_INVALID', `\`${path}\` has a format that this slipway does not know`, {
      hint: 'It reads `schemaVersion` 1: use the slipway that wrote it, or measure again.',
    });
  }
  const { samples, machine, project, left } = document;
  if (typeof document['finishedAt'] !== 'string') fail('`finishedAt` is no text');
  if (!isObject(machine) || typeof machine['cpu'] !== 'string' || !isAmount(machine['cores'])) {
    fail('`machine` needs `cpu` and `cores`');
  }
  if (!isObject(project) || typeof project['module'] !== 'string' || !isAmount(project['packages'])) {
    fail('`project` needs `module` and `packages`');
  }
  if (!Array.isArray(left) || left.some((each) => typeof each !== 'string')) fail('`left` is no list of texts');
  if (!Array.isArray(samples)) fail('`samples` is no list');
  for (const [index, sample] of (samples as readonly unknown[]).entries()) {
    const wrong = wrongMember(sample);
    if (wrong !== undefined) fail(`\`samples[${index}]${wrong}`);
  }
  return document as unknown as BenchResults;
}

function wrongMember(sample: unknown): string | undefined {
  if (!isObject(sample)) return '` is no object';
  if (typeof sample['strategy'] !== 'string') return '.strategy` is no text';
  if (typeof sample['scenario'] !== 'string') return '.scenario` is no text';
  if (sample['cgo'] !== 0 && sample['cgo'] !== 1) return '.cgo` is neither 0 nor 1';
  if (typeof sample['isWarmUp'] !== 'boolean') return '.isWarmUp` is neither true nor false';
  if (typeof sample['isCensored'] !== 'boolean') return '.isCensored` is neither true nor false';
  return isAmount(sample['seconds']) ? undefined : '.seconds` is no number from 0 on';
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw invalid(path, 'is larger than 64 MiB');
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SlipwayError) throw error;
    const why = code === 'ENOENT' ? 'is not there' : code === 'EISDIR' ? 'is a directory' : "can't be read";
    throw new SlipwayError('INPUT_INVALID', `the results \`${path}\` ${why}`, { hint: HINT, cause: error });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(path, text.trim() === '' ? 'is empty' : 'is no whole JSON');
    throw error;
  }
}

function invalid(path: string, what: string): SlipwayError {
  return new SlipwayError('INPUT_INVALID', `\`${path}\`: ${what}`, { hint: HINT });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
