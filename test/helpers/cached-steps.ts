import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';
import type { Worker } from './worker.ts';

const run = promisify(execFile);

interface RawVertex {
  readonly digest: string;
  readonly name: string;
  readonly cached?: boolean;
}

/**
 * Builds by buildctl alone and answers, from BuildKit's own rawjson, whether each step came from the cache. Steps are named
 * `<stage>/<number>`; the second half of COPY --link, which puts the layer in its place, is left out.
 */
export async function cachedSteps(
  worker: Worker,
  context: string,
  more: readonly string[],
): Promise<ReadonlyMap<string, boolean>> {
  const args = ['--addr', worker.address, 'build', '--progress=rawjson', '--frontend', 'dockerfile.v0'];
  const local = ['--local', `context=${context}`, '--local', `dockerfile=${context}`];
  const { stdout, stderr } = await run(toolPath('buildctl'), [...args, ...local, ...more], { maxBuffer: 64 << 20 });
  const vertices = new Map<string, RawVertex>();
  for (const line of `${stdout}\n${stderr}`.split('\n')) {
    if (!line.startsWith('{')) continue;
    for (const vertex of (JSON.parse(line) as { vertexes?: readonly RawVertex[] }).vertexes ?? []) {
      const known = vertices.get(vertex.digest);
      vertices.set(vertex.digest, { ...vertex, cached: vertex.cached === true || known?.cached === true });
    }
  }
  const steps = new Map<string, boolean>();
  for (const { name, cached } of vertices.values()) {
    const match = /^\[(?:(\S+) +)?(\d+)\/\d+\] (\w+) (.*)/s.exec(name);
    if (match === null || match[3] === 'FROM' || match[3] === 'LINK') continue;
    steps.set(`${match[1] ?? ''}/${match[2]}`, cached === true);
  }
  return steps;
}
