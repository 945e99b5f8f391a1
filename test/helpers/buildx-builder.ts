import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';

const run = promisify(execFile);

export interface BuildxHome extends AsyncDisposable {
  /** `DOCKER_CONFIG`: its only builders are those made here. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes a builder of the remote driver and the current one. */
  use(name: string, address: string): Promise<void>;
}

/** An empty docker configuration; with `isPlugin` buildx is installed in it as docker's plugin. */
export async function makeBuildxHome(options: { readonly isPlugin?: boolean } = {}): Promise<BuildxHome> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-docker-'));
  const env = { DOCKER_CONFIG: directory };
  if (options.isPlugin === true) {
    await mkdir(path.join(directory, 'cli-plugins'));
    await symlink(toolPath('buildx'), path.join(directory, 'cli-plugins', 'docker-buildx'));
  }
  return {
    env,
    use: async (name, address) => {
      const args = ['create', '--name', name, '--driver', 'remote', '--use', address];
      await run(toolPath('buildx'), args, { env: { ...process.env, ...env } });
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
