import { resolve } from 'node:path';
import { SlipwayError } from '../../core/errors.ts';
import type { ReportData } from '../../report/data.ts';
import { planBuild } from '../../warm/plan-build.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { readUserBuild } from '../read-user-build.ts';
import { rememberBuildArguments } from '../../session/remember-secrets.ts';
import { BUILD_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../report/flags.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [...REPORT_FLAGS, ...SOURCE_FLAGS, ...BUILD_FLAGS];

export const reportCommand: LoadedCommand = {
  flags: FLAGS,
  run: runReport,
  help: {
    summary: 'Writes a page about the last build: layers and why they re-ran, time, bytes, what to mend next.',
    usage: 'slipway report [OPTIONS] [PATH]',
    sections: [
      { title: 'The report', flags: REPORT_FLAGS },
      { title: 'What it tells of', flags: SOURCE_FLAGS },
      { title: 'The build', flags: BUILD_FLAGS },
    ],
    notes: [
      'It tells of the last `slipway build` of this directory, Dockerfile and target. The page is one file: no scripts, nothing to load.',
      'Markdown and JSON go to standard output, unless `--out` names a file. A file is replaced, but for that of GITHUB_STEP_SUMMARY: there the report is added.',
    ],
    examples: [
      'slipway report --open',
      'slipway report --out /tmp/report.html --bench results.json .',
      'slipway report --format markdown --out "$GITHUB_STEP_SUMMARY"',
      'slipway report --format json . | jq .criticalPath',
      'docker buildx build --progress=rawjson . 2> build.log; slipway report --from-log build.log .',
    ],
  },
};

const FORMATS = ['html', 'markdown', 'json'] as const;
type Format = (typeof FORMATS)[number];

async function runReport(parsed: ParsedWords, io: CliIo): Promise<number> {
  const format = readFormat(parsed);
  const out = lastValue(parsed, 'out') ?? (format === 'html' ? 'slipway-report.html' : '-');
  const [last, isOpen] = [readLast(parsed), isSwitchedOn(parsed, 'open')];
  if (isOpen && (format !== 'html' || out === '-')) {
    throw new SlipwayError('USAGE', '`--open` shows a page, and none would be written', {
      hint: 'Leave `--open` out, or write `--format html` and name a file by `--out`.',
    });
  }
  const planned = await readPlan(parsed, io);
  const { gatherReport } = await import('../report/gather-report.ts');
  const data = await gatherReport(planned, { parsed, last }, io);
  if (out === '-') await writeOut(io.stdout, await render(data, format));
  else await writeFile(data, { format, path: resolve(io.cwd, out), planned, isOpen }, io);
  return 0;
}

async function readPlan(parsed: ParsedWords, io: CliIo): Promise<PlannedBuild> {
  const ownFlags = new Set(FLAGS.map(({ name }) => name));
  const userBuild = readUserBuild({ parsed, ownFlags, env: io.env, defaultContext: '.' });
  rememberBuildArguments(userBuild.buildArgs, io.env);
  const context = resolve(io.cwd, userBuild.context);
  const file = userBuild.file === undefined ? undefined : resolve(io.cwd, userBuild.file);
  return planBuild({ ...userBuild, context, file }, io.env);
}

/** Drawing is loaded only here: it brings packages that no other command needs. */
async function render(data: ReportData, format: Format, mostBytes?: number): Promise<string> {
  if (format === 'json') return `${JSON.stringify(data, undefined, 2)}\n`;
  if (format === 'html') return (await import('../../report/render-page.ts')).renderPage(data);
  return (await import('../../report/render-markdown.ts')).renderMarkdown(data, mostBytes);
}

interface Writing {
  readonly format: Format;
  /** Absolute. */
  readonly path: string;
  readonly planned: PlannedBuild;
  readonly isOpen: boolean;
}

async function writeFile(data: ReportData, { format, path, planned, isOpen }: Writing, io: CliIo): Promise<void> {
  const { appendReport, sizeOf, writeReport } = await import('../report/write-report.ts');
  const summary = io.env['GITHUB_STEP_SUMMARY'];
  if (format === 'markdown' && summary !== undefined && summary !== '' && path === resolve(io.cwd, summary)) {
    const { MOST_MARKDOWN_BYTES } = await import('../../report/render-markdown.ts');
    await appendReport(path, await render(data, format, MOST_MARKDOWN_BYTES - (await sizeOf(path)) - 1));
    io.stderr.write('slipway: the report is added to the job summary\n');
    return;
  }
  await writeReport(path, await render(data, format));
  io.stderr.write(`slipway: the report is in ${path}\n`);
  const { contextNote } = await import('../report/context-note.ts');
  const note = contextNote(planned, path, io.cwd);
  if (note !== undefined) io.stderr.write(`slipway: ${note}\n`);
  if (!isOpen) return;
  const { openFile } = await import('../report/open-file.ts');
  const isShown = await openFile(path, io.env);
  if (!isShown) io.stderr.write(`slipway: no program to show it was found: open ${path} in a browser\n`);
}

function readFormat(parsed: ParsedWords): Format {
  const written = lastValue(parsed, 'format') ?? 'html';
  const format = FORMATS.find((each) => each === written);
  if (format !== undefined) return format;
  throw new SlipwayError('USAGE', `\`--format\` can't be \`${written}\``, { hint: `Write ${FORMATS.join(', ')}.` });
}

function readLast(parsed: ParsedWords): number {
  const written = lastValue(parsed, 'last') ?? '20';
  if (/^[1-9]\d{0,5}$/.test(written)) return Number(written);
  throw new SlipwayError('USAGE', `\`--last\` can't be \`${written}\``, {
    hint: 'Write a number of builds, from 1 on.',
  });
}
