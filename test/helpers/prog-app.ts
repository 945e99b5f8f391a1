import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PROJECT_ROOT } from './tools.ts';

/** A Go program that is built on this machine, without BuildKit, as the tests of GOCACHEPROG want it. */
export interface ProgApp extends AsyncDisposable {
  /** Digest of the binary that go makes without any helper, and the seconds that it took. */
  readonly reference: { readonly binary: string; readonly seconds: number };
  newMachine(): Promise<ProgMachine>;
  start(env: Readonly<Record<string, string>>): Promise<GoBuild>;
}

export interface GoBuild {
  /** The binary's file. */
  readonly file: string;
  readonly ended: Promise<GoBuildEnd>;
}

export interface GoBuildEnd {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly seconds: number;
  /** Digest of the binary; undefined where there is none. */
  readonly binary: string | undefined;
}

export interface ProgMachine {
  /** Where the helper keeps entries. */
  readonly entries: string;
  readonly log: string;
  /** Go's environment with slipway as its helper, which is given these words. */
  env(words: string): Readonly<Record<string, string>>;
}

const FILES: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/prog\n\ngo 1.26\n',
  'main.go': 'package main\n\nimport "example.com/prog/leaf"\n\nfunc main() { println(leaf.Name()) }\n',
  'leaf/leaf.go': 'package leaf\n\nfunc Name() string { return "leaf" }\n',
};

export async function layProgApp(): Promise<ProgApp> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-prog-go-'));
  const app = join(directory, 'app');
  await mkdir(join(app, 'leaf'), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(app, name), content);
  const start: ProgApp['start'] = async (env) => {
    const file = join(await mkdtemp(join(directory, 'out-')), 'app');
    return { file, ended: runGo(file, { app, env: { ...fixedEnv(directory), ...env } }) };
  };
  const { ended } = await start({ GOCACHE: join(directory, 'gocache') });
  const { binary, seconds, stderr } = await ended;
  if (binary === undefined) throw new Error(`the program could not be built:\n${stderr}`);
  return {
    reference: { binary, seconds },
    start,
    newMachine: async () => machineIn(await mkdtemp(join(directory, 'machine-'))),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

function fixedEnv(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GOPATH: join(home, 'go'),
    GOFLAGS: '-trimpath',
    GOTOOLCHAIN: 'local',
    GOPROXY: 'off',
    CGO_ENABLED: '0',
  };
}

function machineIn(home: string): ProgMachine {
  const [entries, log] = [join(home, 'dir'), join(home, 'log')];
  const program = join(PROJECT_ROOT, 'bin', 'slipway');
  return {
    entries,
    log,
    env: (words) => ({
      GOCACHE: join(home, 'unused'),
      GOCACHEPROG: `${program} gocacheprog --directory ${entries} --log ${log} ${words}`,
      XDG_CACHE_HOME: join(home, 'xdg'),
      // What a killed helper leaves goes with the machine.
      TMPDIR: home,
    }),
  };
}

async function runGo(
  file: string,
  { app, env }: { readonly app: string; readonly env: Readonly<Record<string, string>> },
): Promise<GoBuildEnd> {
  const startedAt = performance.now();
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const child = spawn('go', ['build', '-o', file, '.'], { cwd: app, env, stdio: [...stdio], timeout: 110_000 });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [exitCode, stderr] = await Promise.all([ended, text(child.stderr)]);
  const seconds = (performance.now() - startedAt) / 1000;
  return { exitCode, stderr, seconds, binary: exitCode === 0 ? await digestOf(file) : undefined };
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
