import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../helpers/tools.ts';

const run = promisify(execFile);

/** What somebody who installs slipway downloads, and what lies on the disk then. */
const BUDGET = { packedBytes: 1_500_000, unpackedBytes: 6_000_000 };

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

  it('is a library with types: the guide’s program compiles and runs', async () => {
    const guide = await readFile(path.join(PROJECT_ROOT, 'docs/guides/library.md'), 'utf8');
    const program = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    await writeFile(path.join(project, 'program.ts'), program);
    const options = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
    const typeRoots = [path.join(PROJECT_ROOT, 'node_modules/@types')];
    const config = { compilerOptions: { ...options, typeRoots }, files: ['program.ts'] };
    await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify(config));
    const compiled = await run(path.join(PROJECT_ROOT, 'node_modules/.bin/tsc'), ['--project', project]).then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string }) => error.stdout,
    );
    expect(compiled).toBe('');
    const { stdout } = await run(process.execPath, ['program.ts'], { cwd: project });
    expect(stdout).toMatch(/^true \[/);
  });

  it('has a man page that groff takes without a warning', async () => {
    const { stdout, stderr } = await run('groff', ['-man', '-ww', '-Tutf8', path.join(staged, 'man/slipway.1')]);
    expect(stderr).toBe('');
    expect(stdout).toContain('SLIPWAY');
  });
});
