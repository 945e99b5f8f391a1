import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BASE_IMAGES } from '../helpers/base-images.ts';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { startRegistry } from '../helpers/registry.ts';
import { PROJECT_ROOT, toolPath } from '../helpers/tools.ts';
import { startWorker } from '../helpers/worker.ts';

/** The guide's command, for the smallest image that the tests have, on this machine's platform and registry. */
async function publishCommand(registry: string): Promise<string> {
  const guide = await readFile(path.join(PROJECT_ROOT, 'docs', 'guides', 'base-image.md'), 'utf8');
  const command = /```sh\n([\s\S]*?)\n```/.exec(guide)?.[1] ?? '';
  return command
    .replace('golang:1.26-bookworm', BASE_IMAGES.busybox)
    .replace(/ --platform \S+/, '')
    .replaceAll('registry.example.com', registry)
    .replace('docker buildx', toolPath('buildx'));
}

it("the guide's command publishes a base image as zstd, and a worker builds from it", async () => {
  const registry = await startRegistry({ program: 'registry' });
  try {
    await using worker = await startWorker();
    await using home = await makeBuildxHome();
    await home.use('own', worker.address);
    const env = { ...process.env, ...home.env };
    await promisify(execFile)('sh', ['-c', await publishCommand(registry.host)], { env });

    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const answer = await fetch(`http://${registry.host}/v2/golang/manifests/1.26-bookworm`, { headers: { accept } });
    const manifest = (await answer.json()) as { readonly layers: readonly { readonly mediaType: string }[] };
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual(['application/vnd.oci.image.layer.v1.tar+zstd']);

    await using fresh = await startWorker({ mirror: 'none' });
    await home.use('fresh', fresh.address);
    const dockerfile = `FROM ${registry.host}/golang:1.26-bookworm\nRUN test -x /bin/busybox\n`;
    await promisify(execFile)('sh', ['-c', `printf '${dockerfile}' | ${toolPath('buildx')} build -`], { env });
  } finally {
    await registry.stop();
  }
});
