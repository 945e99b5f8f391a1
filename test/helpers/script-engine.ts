import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Engine, HelperBuild, RunOptions, UserBuild } from '../../src/buildkit/types.ts';
import { SECRET_PATH } from '../../src/buildkit/secret-path.ts';
import { SlipwayError } from '../../src/core/errors.ts';

export interface ScriptEngineOptions {
  /** An empty directory, with `mounts/<id>` for each cache mount that was used. */
  readonly directory: string;
  /** What the user's build does to its mounts, and how long it says that it took. */
  readonly build?: (
    mount: (id: string) => string,
    build: UserBuild,
    run: RunOptions,
  ) => Promise<{ seconds: number; exitCode?: number }>;
  /** Called before a helper's script runs. */
  readonly onHelper?: (script: string) => Promise<void>;
  /** What runs the helper scripts; default: `sh`. */
  readonly shell?: readonly string[];
}

export interface ScriptEngine extends Engine {
  /** Directory of a cache mount by its id. */
  mount(id: string): string;
  /** Names of the helper scripts that ran. */
  readonly ran: readonly string[];
}

/**
 * An engine without BuildKit for what is about restore and save themselves: the real helper scripts run in the real `sh`
 * and `tar`, over directories in place of cache mounts. What BuildKit does around them is for the e2e suite.
 */
export function scriptEngine(options: ScriptEngineOptions): ScriptEngine {
  const mount = (id: string): string => path.join(options.directory, 'mounts', encodeURIComponent(id));
  const ran: string[] = [];
  return {
    kind: 'buildctl',
    description: 'scripts without BuildKit',
    mount,
    ran,
    checkUserBuild: () => {},
    inspect: async () => ({ driver: undefined, name: 'scripts', nodes: [] }),
    runHelper: async (build, run) => {
      run.signal.throwIfAborted();
      const script = /\/slipway\/context\/([\w-]+\.sh)"\]/.exec(build.dockerfile)?.[1] ?? '';
      ran.push(script);
      await options.onHelper?.(script);
      run.signal.throwIfAborted();
      await runScript({ build, run, script, root: options.directory, mount, shell: options.shell ?? ['sh'] });
    },
    runUserBuild: async (build, run) => {
      const { seconds = 1, exitCode = 0 } = (await options.build?.(mount, build, run)) ?? {};
      const steps = { ranSteps: ['[1/1] RUN go build'], cachedSteps: [] };
      return { exitCode, imageId: undefined, messages: [], seconds, ...steps };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

interface ScriptRun {
  readonly build: HelperBuild;
  readonly run: RunOptions;
  readonly script: string;
  readonly root: string;
  readonly mount: (id: string) => string;
  readonly shell: readonly string[];
}

async function runScript({ build, run, script, root, mount, shell }: ScriptRun): Promise<void> {
  const directory = await mkdtemp(path.join(root, 'helper-'));
  const namespace = build.buildArgs['BUILDKIT_CACHE_MOUNT_NS'] ?? '';
  try {
    let text = await readFile(path.join(build.context, script), 'utf8');
    let mounts = await readFile(path.join(build.context, 'mounts.txt'), 'utf8');
    const context = path.join(directory, 'context');
    await cp(build.context, context, { recursive: true });
    for (const [, target = '', id = ''] of build.dockerfile.matchAll(/type=cache,target=([^,]+),id=([^,\s]+)/g)) {
      const place = mount(namespace === '' ? id : `${namespace}/${id}`);
      await mkdir(place, { recursive: true });
      mounts = mounts.replaceAll(target, place);
    }
    await writeFile(path.join(context, 'mounts.txt'), mounts);
    const [secret] = build.secrets ?? [];
    if (secret !== undefined) text = text.replaceAll(SECRET_PATH, secret.file);
    const out = path.join(directory, 'out');
    text = text.replaceAll('/slipway/context', context).replaceAll('/slipway-out', out);
    await writeFile(path.join(context, script), text.replaceAll('/tmp/slipway-work', path.join(directory, 'work')));
    const log: string[] = [];
    const [command, ...words] = [...shell, path.join(context, script)];
    const child = spawn(command, words, { signal: run.signal, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        build.onLogLine?.(line);
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }).catch((error: unknown) => {
      run.signal.throwIfAborted();
      throw error;
    });
    if (code !== 0)
      throw new SlipwayError('ENGINE_FAILED', `${script} ended with ${code}: ${log.slice(-5).join(' | ')}`);
    if (build.exportTo !== undefined) await cp(out, build.exportTo, { recursive: true });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
