import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { readResults } from '../src/bench/read-results.ts';
import { BASE_IMAGES } from '../test/helpers/base-images.ts';
import { makeEmbeddedHome } from '../test/helpers/embedded-home.ts';
import { PROJECT_ROOT, toolsBin } from '../test/helpers/tools.ts';
import { type ArticleResults, renderArticle } from './lib/article-table.ts';
import { replaceBetweenMarkers } from './lib/markers.ts';
import { HEAVY_DIRECTORY } from './lib/project.ts';

const HELP = `The table of the article "Optimising Docker Builds for Go", on the heavy project, by \`slipway bench\`.

Usage: node bench/article.ts [OPTIONS]

First its cached Dockerfile as it stands, with \`go build -a\`, and the same without cache mounts; then what
\`slipway lint --fix\` makes of it, on a builder that lives on and, with slipway, on fresh workers; last that file
with CGO_ENABLED 0 and 1, on a base image that holds a C compiler.

Options:
  --repeats N    Rounds (default 1; about 40 minutes each on two cores)
  --only cgo     Measure that last part alone, into the results there are
  --project DIR  Another project (default bench/heavy)
  --tables-only  Write the table of the newest results anew
  --help         This text
`;

const run = promisify(execFile);
const SLIPWAY = join(PROJECT_ROOT, 'bin', 'slipway');
const RESULTS = join(import.meta.dirname, 'results', 'article.json');
const PAGE = join(PROJECT_ROOT, 'docs', 'benchmarks.md');

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '1' },
    project: { type: 'string', default: HEAVY_DIRECTORY },
    only: { type: 'string' },
    'tables-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
} else if (values.only !== undefined && values.only !== 'cgo') {
  process.stderr.write(`--only takes \`cgo\`, not \`${values.only}\`\n`);
  process.exitCode = 2;
} else {
  if (!values['tables-only']) await writeFile(RESULTS, `${JSON.stringify(await measure(), null, 1)}\n`);
  const results = JSON.parse(await readFile(RESULTS, 'utf8')) as ArticleResults;
  await writeFile(PAGE, replaceBetweenMarkers(await readFile(PAGE, 'utf8'), renderArticle(results), 'article'));
  process.stdout.write(`${PAGE}\n`);
}

async function measure(): Promise<ArticleResults> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-article-'));
  await using home = await makeEmbeddedHome();
  const env = { ...process.env, ...home.env, PATH: `${toolsBin()}:${process.env['PATH']}` };
  try {
    const project = join(directory, basename(values.project));
    await cp(values.project, project, { recursive: true });
    await cp(join(import.meta.dirname, 'article', 'Dockerfile'), join(project, 'Dockerfile'));
    const isWhole = values.only === undefined;
    const asWritten = isWhole ? await bench(project, ['none', 'mounts'], ['edit-main', 'dependency-bump']) : undefined;
    // The download step stays, since the table has a column for it.
    const rules = ['--rule', 'download-step-beside-module-mount=off', '--rule', 'debug-info-linked-and-shipped=off'];
    const finding = await lint(rules, project);
    await lint(['--fix', ...rules], project);
    const dockerfile = await readFile(join(project, 'Dockerfile'), 'utf8');
    if (/go build -a/.test(dockerfile)) throw new Error('lint --fix left `-a` where it was');
    const mended = isWhole ? await bench(project, ['mounts', 'slipway'], ['edit-main', 'dependency-bump']) : undefined;
    // The official image has a C compiler; of the tests' stand-ins for it this one does.
    const withCompiler = dockerfile.replace(/^FROM golang:\S+/m, `FROM ${BASE_IMAGES.golangBookworm}`);
    await writeFile(join(project, 'Dockerfile'), withCompiler);
    const cgo = await bench(project, ['none'], ['cold', 'cgo']);
    const commit = (await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT_ROOT })).stdout.trim();
    if (asWritten === undefined || mended === undefined) {
      const before = JSON.parse(await readFile(RESULTS, 'utf8')) as ArticleResults;
      return { ...before, cgo, cgoCommit: commit };
    }
    return { schemaVersion: 1, commit, finding: finding.trim(), asWritten, mended, cgo, cgoCommit: commit };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }

  async function bench(project: string, strategies: readonly string[], scenarios: readonly string[]) {
    const out = join(directory, `${strategies.join('-')}.json`);
    const words = ['bench', '--engine', 'embedded', '--repeats', values.repeats, '--out', out];
    await mkdir(directory, { recursive: true });
    const child = spawn(SLIPWAY, [...words, '--strategy', strategies.join(), '--scenario', scenarios.join(), project], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`slipway bench ended with ${String(code)}`);
    return readResults(await readFile(out, 'utf8'), out);
  }

  /** Exit code 1 says that there are findings, which is what is wanted. */
  async function lint(words: readonly string[], project: string): Promise<string> {
    const { stdout } = await run(SLIPWAY, ['lint', ...words, project], { env }).catch(
      (error: { readonly code?: number; readonly stdout: string }) => {
        if (error.code === 1) return error;
        throw error;
      },
    );
    return stdout;
  }
}
