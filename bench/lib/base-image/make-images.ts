import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '../../../test/helpers/tools.ts';
import { startWorker } from '../../../test/helpers/worker.ts';
import { runMeasured } from '../measured-process.ts';
import { contentDockerfile, type ImageVariant, mergedDockerfile, unmergedTag } from './variants.ts';

export interface ImageMaker {
  readonly workDirectory: string;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Builds the images and pushes them to `registry` (`host:port`), as `library/golang:<tag>`. */
export async function makeImages(maker: ImageMaker, registry: string, images: readonly ImageVariant[]): Promise<void> {
  await using worker = await startWorker({ mirror: registry });
  const settings = await imageSettings();
  const goroot = (await promisify(execFile)('go', ['env', 'GOROOT'])).stdout.trim();
  const directory = await mkdtemp(join(maker.workDirectory, 'images-'));
  for (const variant of [...images].sort((a, b) => Number(a.isMerged) - Number(b.isMerged))) {
    const text = variant.isMerged
      ? mergedDockerfile(`golang:${unmergedTag(variant)}`, settings)
      : contentDockerfile(variant.content, settings);
    const context = join(directory, variant.name);
    await mkdir(context);
    await writeFile(join(context, 'Dockerfile'), text);
    const { seconds } = await runMeasured({
      command: toolPath('buildctl'),
      args: pushArguments(context, goroot, `${registry}/library/golang:${variant.tag}`, variant.compression),
      env: { BUILDKIT_HOST: worker.address },
      signal: maker.signal,
      logPath: join(maker.workDirectory, 'last-image.log'),
    });
    maker.say(`made golang:${variant.tag} in ${seconds.toFixed(0)} s`);
  }
  await rm(directory, { recursive: true });
}

function pushArguments(context: string, goroot: string, name: string, compression: string): readonly string[] {
  const level = compression === 'zstd' ? ['compression-level=3'] : [];
  const output = [
    'type=image',
    `name=${name}`,
    'push=true',
    'registry.insecure=true',
    'oci-mediatypes=true',
    `compression=${compression}`,
    'force-compression=true',
    ...level,
  ];
  return [
    'build',
    '--progress=plain',
    '--frontend=dockerfile.v0',
    `--local=context=${context}`,
    `--local=dockerfile=${context}`,
    `--local=goroot=${goroot}`,
    '--opt=context:goroot=local:goroot',
    `--output=${output.join(',')}`,
  ];
}

/** What the official image sets, and how this machine reaches modules where that isn't Go's own default. */
async function imageSettings(): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)('go', ['env', '-json', '-changed']);
  const changed = Object.entries(JSON.parse(stdout) as Record<string, string>).filter(([name]) =>
    ['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GONOPROXY', 'GOPRIVATE', 'GOINSECURE'].includes(name),
  );
  return {
    GOPATH: '/go',
    GOTOOLCHAIN: 'local',
    PATH: '/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.fromEntries(changed),
  };
}
