import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';
import type { Worker } from './worker.ts';

const run = promisify(execFile);

export interface ImageConfig {
  readonly architecture: string;
  readonly config: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  };
}

export interface BuiltImage {
  /** What BuildKit said, with `--progress plain`. */
  readonly log: string;
  readonly image: ImageConfig;
  /** The image's files. */
  readonly root: string;
}

export interface ImageBuild {
  /** Holds the Dockerfile. */
  readonly context: string;
  /** An empty place for the image. */
  readonly out: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platform?: string;
  /** `id=…,src=…` */
  readonly secrets?: readonly string[];
}

/** Builds a Dockerfile with nothing but buildctl, and unpacks the image. */
export async function buildImage(worker: Worker, build: ImageBuild): Promise<BuiltImage> {
  const layout = join(build.out, 'image');
  const { stderr } = await run(
    toolPath('buildctl'),
    [
      ...['--addr', worker.address, 'build', '--frontend', 'dockerfile.v0', '--progress', 'plain'],
      ...['--local', `context=${build.context}`, '--local', `dockerfile=${build.context}`],
      ...Object.entries(build.buildArgs ?? {}).flatMap(([name, value]) => ['--opt', `build-arg:${name}=${value}`]),
      ...(build.platform === undefined ? [] : ['--opt', `platform=${build.platform}`]),
      ...(build.secrets ?? []).flatMap((secret) => ['--secret', secret]),
      ...['--output', `type=oci,tar=false,dest=${layout}`],
    ],
    { maxBuffer: 64 << 20 },
  );
  const root = join(build.out, 'root');
  const image = await unpackImage(layout, root);
  await rm(layout, { recursive: true });
  return { log: stderr, image, root };
}

/** The packages that a compile with `-v` named. */
export function compiledPackages(log: string): readonly string[] {
  return [...log.matchAll(/^#\d+ [\d.]+ (?<path>[\w.~-]+(?:\/[\w.~-]+)*)$/gm)].map(
    (match) => match.groups?.['path'] ?? '',
  );
}

/** Was the step with this text taken from the cache? */
export function isCachedStep(log: string, text: string): boolean {
  const line = log.split('\n').find((one) => /^#\d+ \[/.test(one) && one.includes(text));
  const number = /^#\d+/.exec(line ?? '')?.[0];
  return number !== undefined && log.split('\n').includes(`${number} CACHED`);
}

/** Runs the image's program as the image's user in a file system and a network of its own; gives what it printed. */
export async function runImage({ image, root }: BuiltImage): Promise<string> {
  const { User = '0', Entrypoint = [], Env = [] } = image.config;
  const { stdout } = await run(
    'unshare',
    ['--net', 'env', '--ignore-environment', ...Env, 'chroot', `--userspec=${User}:${User}`, root, ...Entrypoint],
    { timeout: 60_000, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  );
  return stdout;
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
}

/** The files of an image in a layout on disk, its layers compressed or not. */
export async function unpackImage(layout: string, root: string): Promise<ImageConfig> {
  const blob = ({ digest }: Descriptor): string => join(layout, 'blobs', digest.replace(':', '/'));
  const json = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
  let index = await json<{ readonly manifests: readonly Descriptor[] }>(join(layout, 'index.json'));
  while (index.manifests[0]?.mediaType.endsWith('index.v1+json') === true) index = await json(blob(index.manifests[0]));
  const [first] = index.manifests;
  if (first === undefined) throw new Error('an image without a manifest');
  const manifest = await json<{ readonly config: Descriptor; readonly layers: readonly Descriptor[] }>(blob(first));
  await mkdir(root, { recursive: true });
  for (const layer of manifest.layers) await run('tar', ['--extract', '--file', blob(layer), '--directory', root]);
  // A directory of mkdtemp's is closed to the image's user.
  await chmod(root, 0o755);
  return json<ImageConfig>(blob(manifest.config));
}
