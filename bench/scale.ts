import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import type { HistoryResults } from './lib/history/render-history.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';
import { type Count, countOperations } from './lib/scale/count-operations.ts';
import { startCounted } from './lib/scale/counted-store.ts';
import type { HistoryShape } from './lib/scale/made-history.ts';
import { bytesOfHistory, renderCosts, renderCounts, type ScaleResults } from './lib/scale/render-scale.ts';

const HELP = `What one restore, save and clean-up ask of a registry, of S3 and of GitHub's cache, over growing histories; and from
that what many builds cost.

Usage: node bench/scale.ts [OPTIONS]

Options:
  --most N       Leave out histories of more snapshots (default 1000: some minutes)
  --tables-only  Write the tables of the newest counts anew
  --help         This text
`;

const RESULTS = join(import.meta.dirname, 'results', 'scale.json');
const HISTORY = join(import.meta.dirname, 'results', 'history.json');
const PAGE = join(PROJECT_ROOT, 'docs', 'scale.md');
const SHAPES: readonly HistoryShape[] = [
  { scopes: 1, snapshotsPerScope: 1 },
  { scopes: 1, snapshotsPerScope: 10 },
  { scopes: 1, snapshotsPerScope: 100 },
  { scopes: 1, snapshotsPerScope: 1000 },
  { scopes: 10, snapshotsPerScope: 10 },
  { scopes: 100, snapshotsPerScope: 10 },
];

const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '1000' },
    'tables-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
} else {
  if (!values['tables-only']) await writeFile(RESULTS, formatResults(await measure(Number(values.most))));
  const results = JSON.parse(await readFile(RESULTS, 'utf8')) as ScaleResults;
  const { summary, measures } = JSON.parse(await readFile(HISTORY, 'utf8')) as HistoryResults;
  const restored = measures.reduce((sum, { restoredBytes }) => sum + restoredBytes, 0);
  const bytes = bytesOfHistory(summary, restored, measures[0]?.uploadedBytes ?? 0);
  const page = replaceBetweenMarkers(await readFile(PAGE, 'utf8'), renderCounts(results), 'counts');
  await writeFile(PAGE, replaceBetweenMarkers(page, renderCosts(results, bytes), 'costs'));
  process.stdout.write(`${PAGE}\n`);
}

async function measure(most: number): Promise<ScaleResults> {
  const counts: Count[] = [];
  for (const kind of ['registry', 's3', 'gha'] as const) {
    await using service = await startCounted(kind);
    for (const shape of SHAPES.filter(({ scopes, snapshotsPerScope }) => scopes * snapshotsPerScope <= most)) {
      counts.push(...(await countOperations(service, shape)));
      process.stderr.write(`${kind}: ${shape.scopes} x ${shape.snapshotsPerScope}\n`);
    }
  }
  const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT });
  return { schemaVersion: 1, commit: stdout.trim(), counts };
}

function formatResults({ counts, ...rest }: ScaleResults): string {
  return `${JSON.stringify(rest).slice(0, -1)},"counts":[\n${counts.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`;
}
