import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runSlipway, type RunSlipwayOptions, type SlipwayRun } from './run-slipway.ts';
import { toolsBin } from './tools.ts';

/** What was said in one run, on both streams. */
export interface Said {
  readonly what: string;
  readonly run: SlipwayRun;
}

/** Two directories: what the test planted, and what slipway may leave anything in. */
export interface CanaryGround extends AsyncDisposable {
  readonly planted: string;
  readonly left: string;
  readonly said: readonly Said[];
  plant(name: string, text: string, mode?: number): Promise<string>;
  /** Runs slipway at its most talkative; its words are kept. */
  run(what: string, words: readonly string[], options?: RunSlipwayOptions): Promise<SlipwayRun>;
  /** Of every planted file but the program that builds edit. */
  plantedDigest(): Promise<string>;
}

export async function layCanaryGround(env: () => Readonly<Record<string, string>>): Promise<CanaryGround> {
  const root = await mkdtemp(path.join(tmpdir(), 'slipway-canaries-'));
  const [planted, left] = [path.join(root, 'planted'), path.join(root, 'left')];
  const said: Said[] = [];
  for (const name of ['cache', 'tmp', 'out']) await mkdir(path.join(left, name), { recursive: true });
  return {
    planted,
    left,
    said,
    async plant(name, text, mode = 0o600) {
      const file = path.join(planted, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
      await chmod(file, mode);
      return file;
    },
    async run(what, words, options = {}) {
      const ground = {
        HOME: path.join(planted, 'home'),
        XDG_CACHE_HOME: path.join(left, 'cache'),
        TMPDIR: path.join(left, 'tmp'),
        PATH: `${path.join(planted, 'bin')}:${toolsBin()}:${process.env['PATH']}`,
        SLIPWAY_LOG_LEVEL: 'debug',
        SLIPWAY_DEBUG: '1',
      };
      const run = await runSlipway(words, { ...options, env: { ...ground, ...env(), ...options.env } });
      said.push({ what, run });
      return run;
    },
    async plantedDigest() {
      const files = (await readdir(planted, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
      const names = files
        .map((file) => path.join(file.parentPath, file.name))
        .filter((name) => !name.endsWith('main.go'));
      const hash = createHash('sha256');
      for (const name of names.sort()) hash.update(name).update(await readFile(name));
      return hash.digest('hex');
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
