import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackImage, type ImageConfig } from '../helpers/built-image.ts';
import { PROJECT_ROOT, toolPath, toolsBin } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

const run = promisify(execFile);

/**
 * slipway's own image, built by slipway on a real BuildKit, and its entrypoint as the image's user. The images that it takes
 * programs from are not to be had on a test machine: named contexts with the very programs stand for them.
 */
let directory: string;
let worker: Worker;
let bundle: string;
let image: ImageConfig;
let said: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-image-'));
  worker = await startWorker();
  const layout = path.join(directory, 'layout');
  const flags = [
    ...(await standIn('node', { 'usr/local/bin/node': process.execPath })),
    ...(await standIn('buildkit', {
      'usr/bin/buildctl': toolPath('buildctl'),
      'etc/ssl/certs/ca-certificates.crt': '/etc/ssl/certs/ca-certificates.crt',
    })),
    ...(await standIn('buildx', { buildx: toolPath('buildx') })),
    `--output=type=oci,tar=false,compression=uncompressed,dest=${layout}`,
  ];
  const built = await run(path.join(PROJECT_ROOT, 'scripts/build-image.sh'), flags, {
    env: {
      ...process.env,
      ...worker.env,
      PATH: `${toolsBin()}:${process.env['PATH']}`,
      XDG_CACHE_HOME: path.join(directory, 'cache'),
      SLIPWAY_SCOPE: 'main',
    },
    maxBuffer: 64 << 20,
  });
  said = built.stderr;
  bundle = path.join(directory, 'bundle');
  image = await unpackImage(layout, path.join(bundle, 'rootfs'));
}, 600_000);

afterAll(async () => {
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The flag for a named context in place of a stage, with these files. */
async function standIn(name: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const context = path.join(directory, name);
  for (const [file, source] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(context, file)), { recursive: true });
    await copyFile(source, path.join(context, file));
  }
  return ['--build-context', `${name}=${context}`];
}

interface Spec {
  process: { terminal: boolean; args: readonly string[]; cwd: string; env: readonly string[]; user: object };
  root: { path: string; readonly: boolean };
  mounts: object[];
}

let containers = 0;

/** Runs the entrypoint with these words, or another program, in a container of runc that can write nowhere. */
async function inContainer(words: readonly string[], entrypoint: readonly string[] = image.config.Entrypoint ?? []) {
  const file = path.join(bundle, 'config.json');
  await rm(file, { force: true });
  await run(toolPath('runc'), ['spec', '--bundle', bundle]);
  const spec = JSON.parse(await readFile(file, 'utf8')) as Spec;
  const uid = Number(image.config.User);
  const { process: program, root, mounts } = spec;
  Object.assign(program, { terminal: false, args: [...entrypoint, ...words], cwd: '/work', user: { uid, gid: uid } });
  program.env = [...(image.config.Env ?? []), 'NO_COLOR=1'];
  root.readonly = true;
  mounts.push({ destination: '/work', type: 'bind', source: path.join(directory, 'work'), options: ['bind', 'ro'] });
  await writeFile(file, JSON.stringify(spec));
  const id = `slipway-image-${process.pid}-${(containers += 1)}`;
  return run(toolPath('runc'), ['run', '--bundle', bundle, id]).then(
    ({ stdout }) => ({ exitCode: 0, stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exitCode: code,
      stdout: `${stdout}${stderr}`,
    }),
  );
}

describe("slipway's image", () => {
  it('is built by slipway', () => {
    expect(said).toMatch(/slipway: engine: buildctl at unix:/);
    expect(image.config).toMatchObject({ Entrypoint: ['slipway'], User: '65333' });
  });

  it('runs slipway as another user than root, where nothing can be written', async () => {
    await mkdir(path.join(directory, 'work'), { recursive: true });
    const { version } = JSON.parse(await readFile(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(await inContainer(['--version'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(version) });

    await cp(path.join(PROJECT_ROOT, 'examples/greeter'), path.join(directory, 'work'), { recursive: true });
    expect(await inContainer(['lint', '.'])).toMatchObject({ exitCode: 0 });
    const cold = 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -a -o /app .\n';
    await writeFile(path.join(directory, 'work/Dockerfile'), cold);
    const found = await inContainer(['lint', '.']);
    expect(found).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('forced-rebuild-flag') });
  });

  it('has the clients and a shell', async () => {
    expect((await inContainer(['-c', 'buildctl --version; buildx version; id -u'], ['sh'])).stdout).toMatch(
      /^buildctl .*\ngithub\.com\/docker\/buildx .*\n65333\n$/,
    );
  });
});
