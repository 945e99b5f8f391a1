import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMANDS } from '../src/cli/command-table.ts';
import { formatHelp } from '../src/cli/format-help.ts';
import { ROOT_HELP } from '../src/cli/help-text.ts';
import { formatApiReport } from './api-report.ts';
import { auditJsonSchema } from './audit-schema.ts';
import { benchJsonSchema } from './bench-schema.ts';
import { doctorJsonSchema } from './doctor-schema.ts';
import { explainJsonSchema } from './explain-schema.ts';
import { cacheJsonSchema } from './cache-schema.ts';
import { filesIn, withFiles } from './include-files.ts';
import { initJsonSchema } from './init-schema.ts';
import { lintJsonSchema } from './lint-schema.ts';
import { formatManPage } from './man-page.ts';
import { RELIABILITY_SUITES } from './reliability-suites.ts';
import { withTable, type ReliabilityResults } from './reliability-table.ts';
import { reportPageJsonSchema } from './report-page-schema.ts';
import { reportJsonSchema } from './report-schema.ts';
import { formatRuleIndex, formatRulePage } from './rule-index.ts';
import { runJsonSchema } from './run-schema.ts';
import { configJsonSchema } from '../src/config/schema.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/**
 * Writes the files that follow from the code: `npm run generate`. The paths are printed, so that scripts/check.sh can
 * ask git whether one of them was out of date.
 */
const generated: Readonly<Record<string, () => Promise<string> | string>> = {
  'src/lint/rules/index.ts': formatRuleIndex,
  'docs/rules/README.md': formatRulePage,
  'docs/cli.md': formatCliPage,
  'docs/api.md': formatApiReport,
  'man/slipway.1': formatManPage,
  'docs/reliability.md': formatReliabilityPage,
  'docs/formats/audit.schema.json': () => formatJson(auditJsonSchema()),
  'docs/formats/bench.schema.json': () => formatJson(benchJsonSchema()),
  'docs/formats/cache.schema.json': () => formatJson(cacheJsonSchema()),
  'docs/formats/config.schema.json': () => formatJson(configJsonSchema()),
  'docs/formats/doctor.schema.json': () => formatJson(doctorJsonSchema()),
  'docs/formats/explain.schema.json': () => formatJson(explainJsonSchema()),
  'docs/formats/init.schema.json': () => formatJson(initJsonSchema()),
  'docs/formats/lint.schema.json': () => formatJson(lintJsonSchema()),
  'docs/formats/report-page.schema.json': () => formatJson(reportPageJsonSchema()),
  'docs/formats/report.schema.json': () => formatJson(reportJsonSchema()),
  'docs/formats/run.schema.json': () => formatJson(runJsonSchema()),
};

async function formatCliPage(): Promise<string> {
  const parts = ['# Command line', 'Generated from the code by `npm run generate`.', fence(ROOT_HELP)];
  for (const { name, load } of COMMANDS) {
    const { help, verbs = [] } = await load();
    parts.push(`## slipway ${name}`, fence(formatHelp(help)));
    for (const verb of verbs) parts.push(`### slipway ${name} ${verb.name}`, fence(formatHelp(verb.help)));
  }
  return `${parts.join('\n\n')}\n`;
}

async function formatReliabilityPage(): Promise<string> {
  const docs = join(PROJECT_ROOT, 'docs');
  const results = JSON.parse(await readFile(join(docs, 'reliability.json'), 'utf8')) as ReliabilityResults;
  return withTable(await readFile(join(docs, 'reliability.md'), 'utf8'), RELIABILITY_SUITES, results);
}

function fence(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}

function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The guides that show files of examples/, which tests run. */
async function formatGuides(): Promise<Readonly<Record<string, () => string>>> {
  const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
  const paths = (await readdir(join(PROJECT_ROOT, 'docs/guides'))).map((name) => `docs/guides/${name}`);
  const showing = paths.filter((path) => filesIn(read(path)).length > 0);
  return Object.fromEntries(showing.map((path) => [path, () => withFiles(read(path), read)]));
}

for (const [path, make] of Object.entries({ ...generated, ...(await formatGuides()) })) {
  await writeFile(join(PROJECT_ROOT, path), await make());
  process.stdout.write(`${path}\n`);
}
