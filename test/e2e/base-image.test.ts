import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BASE_IMAGES } from '../helpers/base-images.ts';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { PROJECT_ROOT, toolPath } from '../helpers/tools.ts';
import { startWorker } from '../helpers/worker.ts';

const run = promisify(execFile);
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry({ program: 'registry' });
  await using worker = await startWorker();
  await buildx(worker.address, await publishCommand());
});
afterAll(() => registry.stop());

/** The guide's command, for the smallest image that the tests have, on this machine's platform and registry. */
async function publishCommand(): Promise<string> {
  const guide = await readFile(path.join(PROJECT_ROOT, 'docs', 'guides', 'base-image.md'), 'utf8');
  const command = /```sh\n([\s\S]*?)\n```/.exec(guide)?.[1] ?? '';
  return command
    .replace('golang:1.26-bookworm', BASE_IMAGES.busybox)
    .replace(/ --platform \S+/, '')
    .replaceAll('registry.example.com', registry.host);
}

/** A shell command with `docker buildx` in it, on the worker at that address. */
async function buildx(address: string, command: string): Promise<void> {
  await using home = await makeBuildxHome();
  await home.use('one', address);
  const env = { ...process.env, ...home.env };
  await run('sh', ['-c', command.replace('docker buildx', toolPath('buildx'))], { env });
}

const image = (): string => `${registry.host}/golang:1.26-bookworm`;
const buildFrom = (): string => `printf 'FROM ${image()}\\nRUN test -x /bin/busybox\\n' | docker buildx build -`;

it("the guide's command publishes a base image with an index of its files", async () => {
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const url = `http://${registry.host}/v2/golang/manifests/1.26-bookworm`;
  const manifest = (await (await fetch(url, { headers: { accept } })).json()) as {
    readonly layers: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
  };
  expect(manifest.layers).toHaveLength(1);
  expect(manifest.layers[0]?.annotations).toHaveProperty(['containerd.io/snapshot/stargz/toc.digest']);
});

it('a builder without the snapshotter unpacks it as any other', async () => {
  await using worker = await startWorker({ mirror: 'none' });
  await buildx(worker.address, buildFrom());
  expect(await mountsBelow(worker.root)).not.toContain('fuse');
});

it('a builder with the snapshotter mounts it', async () => {
  await using worker = await startWorker({ mirror: 'none', snapshotter: 'stargz' });
  await buildx(worker.address, buildFrom());
  expect(await mountsBelow(worker.root)).toContain('fuse');
});

async function mountsBelow(directory: string): Promise<string> {
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  return lines.filter((line) => line.includes(` ${directory}/`)).join('\n');
}
