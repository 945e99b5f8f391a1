import { readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { renderResults } from './lib/markdown.ts';
import { parseResults } from './lib/results.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';

const RESULTS = join(import.meta.dirname, 'results');
const PAGE = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');

const [named] = process.argv.slice(2);
if (named === '--help' || named === '-h') {
  process.stdout.write(
    'Writes the tables of docs/benchmarks.md.\n\nUsage: node bench/report.ts [RESULTS.json]   (default: the newest in bench/results; those with module trees, `trees-<date>.json`, have tables of their own)\n',
  );
} else {
  const path = named ?? (await newestResults());
  const results = parseResults(await readFile(path, 'utf8'));
  const part = results.modules === 'trees' ? 'trees' : 'results';
  const text = renderResults(results, basename(path));
  await writeFile(PAGE, replaceBetweenMarkers(await readFile(PAGE, 'utf8'), text, part));
  process.stdout.write(`${PAGE}\n`);
}

async function newestResults(): Promise<string> {
  const names = (await readdir(RESULTS)).filter((name) => /^\d{4}-.*\.json$/.test(name)).sort();
  const newest = names.at(-1);
  if (newest === undefined) throw new Error(`no results in ${RESULTS}: run node bench/run.ts`);
  return join(RESULTS, newest);
}
