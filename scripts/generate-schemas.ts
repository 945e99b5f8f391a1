import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportJsonSchema } from './report-schema.ts';
import { configJsonSchema } from '../src/config/schema.ts';

/**
 * Writes the published JSON Schemas from the schemas in the code; with `--check` only says whether they are in sync.
 * test/unit/cli/schemas.test.ts holds the same.
 */
const root = join(import.meta.dirname, '..');
const files = [
  { path: 'docs/formats/config.schema.json', schema: configJsonSchema() },
  { path: 'docs/formats/report.schema.json', schema: reportJsonSchema() },
];

let stale = 0;
for (const { path, schema } of files) {
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (!process.argv.includes('--check')) await writeFile(join(root, path), text);
  else if ((await readFile(join(root, path), 'utf8')) !== text) {
    stale += 1;
    process.stderr.write(`${path} is out of date: run \`node scripts/generate-schemas.ts\`\n`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
