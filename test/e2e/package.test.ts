import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMadeCache } from '../helpers/made-cache.ts';
import { PROJECT_ROOT, toolPath, toolsBin } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

const run = promisify(execFile);

/** What somebody who installs slipway downloads, and what lies on the disk then: 4.4 MB are the programs for helper builds. */
const BUDGET = { packedBytes: 6_000_000, unpackedBytes: 10_000_000 };

/** The programs of the library's guide, by the sections that they stand in. */
const TITLES = {
  build: 'Build',
  around: 'Around a build by something else',
  before: 'Before a build',
  store: 'Looking after a store',
};

interface Published {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let directory: string;
let staged: string;
let project: string;
let published: Published;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-package-'));
  staged = path.join(directory, 'staged');
  project = path.join(directory, 'project');
  await run(process.execPath, [path.join(PROJECT_ROOT, 'scripts/stage-package.ts'), staged]);
  // Provenance is made by the release workflow alone: nothing here can sign it.
  const { stdout } = await npm(['publish', '--dry-run', '--json', staged]);
  published = Object.values(JSON.parse(stdout) as Record<string, Published>)[0] as Published;
  const packed = await npm(['pack', '--json', staged]);
  const [{ filename } = { filename: '' }] = Object.values(
    JSON.parse(packed.stdout) as readonly { readonly filename: string }[],
  );
  await mkdir(project);
  await writeFile(path.join(project, 'package.json'), '{"name":"user","private":true,"type":"module"}\n');
  // Nothing else is needed, so no registry is asked.
  await npm(['install', '--offline', '--no-audit', '--no-fund', path.join(directory, filename)], project);
}, 300_000);
afterAll(async () => rm(directory, { recursive: true, force: true }));

function npm(words: readonly string[], cwd = directory): Promise<{ readonly stdout: string }> {
  const env = {
    ...process.env,
    npm_config_cache: path.join(directory, 'npm-cache'),
    npm_config_update_notifier: 'false',
  };
  return run('npm', words, { cwd, env, maxBuffer: 16 << 20 });
}

/** Runs one of the guide's programs as its reader would, with the package that was installed. */
function program(name: keyof typeof TITLES, words: readonly string[], worker?: Worker) {
  const { PATH } = process.env;
  const env = { PATH: `${toolsBin()}:${PATH}`, HOME: directory, USER: 'ann', TMPDIR: directory, ...worker?.env };
  return run(process.execPath, [`${name}.ts`, ...words], { cwd: project, env });
}

describe('the package', () => {
  it('keeps to its size', () => {
    expect(published.size).toBeLessThan(BUDGET.packedBytes);
    expect(published.unpackedSize).toBeLessThan(BUDGET.unpackedBytes);
  });

  it('holds what is needed, and nothing of the checkout', async () => {
    const paths = published.files.map((file) => file.path);
    for (const wanted of ['dist/slipway.js', 'dist/index.d.ts', 'dist/licenses.txt', 'man/slipway.1', 'LICENSE']) {
      expect(paths).toContain(wanted);
    }
    expect(paths.filter((one) => /^(src|test|scripts|bench)\//.test(one))).toEqual([]);
    const manifest = JSON.parse(await readFile(path.join(staged, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(manifest).toMatchObject({ publishConfig: { provenance: true }, engines: { node: '>=24' } });
  });

  it('runs as npx slipway, also through the docker plugin protocol', async () => {
    const env = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`, HOME: directory };
    const version = await run('npx', ['--no-install', 'slipway', '--version'], { cwd: project, env });
    expect(version.stdout).toMatch(/^slipway \d+\.\d+\.\d+\n$/);
    const bin = path.join(project, 'node_modules/.bin/slipway');
    const candidates = await run(bin, ['__complete', 'slipway', 're'], {
      env: { ...env, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' },
    });
    expect(candidates.stdout).toMatch(/^restore\t/);
  });

  it('is a library with types: the guide’s programs compile', async () => {
    const guide = await readFile(path.join(PROJECT_ROOT, 'docs/guides/library.md'), 'utf8');
    const programs = [...guide.matchAll(/^## (.+)\n\n```ts\n([\s\S]*?)```/gm)];
    expect(programs.map(([, title]) => title)).toEqual(Object.values(TITLES));
    for (const [name, title] of Object.entries(TITLES)) {
      const text = programs.find(([, each]) => each === title)?.[2] ?? '';
      await writeFile(path.join(project, `${name}.ts`), text);
    }
    const files = Object.keys(TITLES).map((name) => `${name}.ts`);
    const options = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
    const typeRoots = [path.join(PROJECT_ROOT, 'node_modules/@types')];
    const config = { compilerOptions: { ...options, typeRoots }, files };
    await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify(config));
    const compiled = await run(path.join(PROJECT_ROOT, 'node_modules/.bin/tsc'), ['--project', project]).then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string }) => error.stdout,
    );
    expect(compiled).toBe('');
  });

  it('restores, builds and saves as a library, through real BuildKit', { timeout: 120_000 }, async () => {
    await using worker = await startWorker();
    await writeMadeCache(path.join(project, 'app'));
    const buildctl = [toolPath('buildctl'), 'build', '--frontend=dockerfile.v0', '--local', 'context=app'];
    const store = 'type=local,dest=store';
    const around = await program('around', ['app', store, ...buildctl, '--local', 'dockerfile=app'], worker);
    expect(around.stdout, around.stderr).toBe('nothing-stored saved\n');
    // As on a worker that has never seen the code.
    await run(toolPath('buildctl'), ['prune', '--all'], { env: { ...process.env, ...worker.env } });
    const built = await program('build', ['app', store], worker);
    expect(built.stdout, built.stderr).toMatch(/^restored; built in [\d.]+ s; (?:nothing-new|saved)\n$/);
    expect(built.stderr).toBe('');
  });

  it('lints, explains and looks after a store as a library', async () => {
    const app = path.join(project, 'linted');
    await mkdir(app);
    await writeFile(
      path.join(app, 'Dockerfile'),
      'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -a -o /app .\n',
    );
    const before = await program('before', [app]);
    expect(before.stdout).toContain('safe fixes for Dockerfile');
    expect(before.stdout).toContain("2 steps re-run: [ 'COPY . .', 'RUN go build -a -o /app .' ]");
    const after = await program('store', []);
    expect(after.stdout).toMatch(/^\[\]\n\[\n?\s*\{[\s\S]*sizeBytes: 5[\s\S]*\]\n1 false\n$/);
  });

  it('has a man page that groff takes without a warning', async () => {
    const { stdout, stderr } = await run('groff', ['-man', '-ww', '-Tutf8', path.join(staged, 'man/slipway.1')]);
    expect(stderr).toBe('');
    expect(stdout).toContain('SLIPWAY');
  });
});
