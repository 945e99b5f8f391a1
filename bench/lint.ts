import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { parseDockerfile } from '../src/dockerfile/parse.ts';
import { readLintShapes } from '../test/helpers/lint-shapes.ts';
import { lintTexts } from '../test/helpers/lint-texts.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import { median } from '../src/bench/statistics.ts';

const HELP = `Measures \`slipway lint\` on the shapes of its tests, on long files, and on a repository of 500 files.

Usage: node bench/lint.ts [--repeats N]

Prints the table of docs/benchmarks.md; exits 1 when a goal is missed.
`;

const run = promisify(execFile);

interface Row {
  readonly what: string;
  readonly measured: number;
  /** Milliseconds. */
  readonly goal: number;
}

const HEAD = 'FROM golang:1.26\nRUN ';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '5' }, help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(HELP);
else await main(Number(values.repeats));

async function main(repeats: number): Promise<void> {
  const rows = [...measureShapes(repeats), ...measureLongFiles(repeats), await measureRepository(repeats)];
  const isMissed = ({ measured, goal }: Row): boolean => measured > goal;
  const lines = rows.map(
    (row) =>
      `| ${row.what} | ${row.measured.toFixed(1)} ms | ≤ ${row.goal} ms | ${isMissed(row) ? '**missed**' : 'passed'} |`,
  );
  process.stdout.write(['| what | measured | goal |  |', '| --- | --- | --- | --- |', ...lines, ''].join('\n'));
  if (rows.some(isMissed)) process.exitCode = 1;
}

/** All rules over each shape. */
function measureShapes(repeats: number): readonly Row[] {
  const shapes = readLintShapes();
  const times = shapes.map(({ files }) => timeOf(repeats, () => lintTexts(files)));
  const fixes = shapes.map(({ files }) => timeOf(repeats, () => lintTexts(files, 'safe')));
  return [
    { what: `lint, ${shapes.length} shapes: median`, measured: median(times), goal: 20 },
    { what: 'lint: slowest shape', measured: Math.max(...times), goal: 100 },
    { what: 'lint and all safe fixes: median', measured: median(fixes), goal: 20 },
    { what: 'lint and all safe fixes: slowest shape', measured: Math.max(...fixes), goal: 100 },
  ];
}

/** 1 MiB of one line, and 100,000 continuation lines; for each MiB. */
function measureLongFiles(repeats: number): readonly Row[] {
  const files = {
    'a line of 1 MiB': `${HEAD}go build -ldflags="${'x'.repeat(1 << 20)}" .\n`,
    'a line of 1 MiB of words': `${HEAD}go build ${'./cmd/x '.repeat(1 << 17)}\n`,
    'a script of 1 MiB': `${HEAD}${'go build ./cmd/x && \\\n'.repeat((1 << 20) / 22 - 10)}  true\n`,
    '100,000 continuations': `${HEAD}go build \\\n${'  -v \\\n'.repeat(100_000)}  .\n`,
    '100,000 comments in a continuation': `${HEAD}go build \\\n${'# c\n'.repeat(100_000)}  .\n`,
  };
  return Object.entries(files).flatMap(([what, text]) => {
    const mebibytes = Math.max(1, text.length / (1 << 20));
    const perMebibyte = (time: number): number => time / mebibytes;
    return [
      {
        what: `parse ${what}, each MiB`,
        measured: perMebibyte(timeOf(repeats, () => parseDockerfile(text))),
        goal: 100,
      },
      {
        what: `lint ${what}, each MiB`,
        measured: perMebibyte(timeOf(repeats, () => lintTexts({ Dockerfile: text }))),
        goal: 2000,
      },
    ];
  });
}

/** The whole command on 500 files: 60 Dockerfiles, Go packages, Makefiles, workflows. */
async function measureRepository(repeats: number): Promise<Row> {
  const root = mkdtempSync(join(tmpdir(), 'slipway-bench-lint-'));
  try {
    const files = manyFiles();
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const times: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const startedAt = performance.now();
      const args = [join(PROJECT_ROOT, 'src/cli/main.ts'), 'lint', '--format', 'json', '--failure-threshold', 'none'];
      await run(process.execPath, args, { cwd: root, maxBuffer: 64 << 20 });
      times.push(performance.now() - startedAt);
    }
    return {
      what: `\`slipway lint\` of ${Object.keys(files).length} files, the whole command`,
      measured: Math.min(...times),
      goal: 2000,
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function manyFiles(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const dockerfiles = readLintShapes()
    .filter(({ name }) => name.startsWith('made '))
    .slice(0, 60);
  for (const [index, { files: shape }] of dockerfiles.entries()) {
    files[`services/s${index}/Dockerfile`] = shape['Dockerfile'] ?? '';
    for (const path of ['go.mod', 'go.sum', 'main.go', 'cmd/api/main.go', 'Makefile', '.dockerignore']) {
      files[`services/s${index}/${path}`] = shape[path] ?? '';
    }
  }
  for (let index = 0; index < 20; index++) {
    files[`.github/workflows/s${index}.yml`] =
      `on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: services/s${index}\n          cache-to: type=gha\n`;
  }
  for (let index = 0; Object.keys(files).length < 500; index++) {
    files[`internal/p${index}/p.go`] = `package p${index}\n\nimport "fmt"\n\nfunc Say() { fmt.Println(${index}) }\n`;
  }
  return files;
}

/** The least of its repeats: what else the machine does only adds. */
function timeOf(repeats: number, action: () => unknown): number {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const startedAt = performance.now();
    action();
    times.push(performance.now() - startedAt);
  }
  return Math.min(...times);
}
