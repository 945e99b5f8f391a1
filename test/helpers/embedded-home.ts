import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharedBaseRegistry } from './base-registry.ts';

export interface EmbeddedHome extends AsyncDisposable {
  readonly directory: string;
  /** Cache home of its own, and a buildkitd.toml that finds the base images. No engine is named. */
  readonly env: Readonly<Record<string, string>>;
}

/** A machine without Docker: slipway starts its own buildkitd there. */
export async function makeEmbeddedHome(): Promise<EmbeddedHome> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-embedded-'));
  const { host } = await sharedBaseRegistry();
  const config = path.join(directory, 'buildkitd.toml');
  await writeFile(
    config,
    [
      '[cdi]',
      'disabled = true',
      '[registry."docker.io"]',
      `mirrors = [${JSON.stringify(host)}]`,
      `[registry.${JSON.stringify(host)}]`,
      'http = true',
      '',
    ].join('\n'),
  );
  const env = {
    XDG_CACHE_HOME: directory,
    SLIPWAY_BUILDKITD_CONFIG: config,
    // An empty docker configuration: no builder of this machine is found.
    DOCKER_CONFIG: path.join(directory, 'docker'),
    DOCKER_HOST: 'unix:///nonexistent/docker.sock',
  };
  return { directory, env, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
