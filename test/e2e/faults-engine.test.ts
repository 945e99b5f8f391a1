import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilGone } from '../helpers/crash-run.ts';
import { buildPlainly, smallMounts } from '../helpers/faulty-app.ts';
import {
  buildSmall,
  checkStore,
  layGround,
  runSmall,
  storeFlags,
  warningsOf,
  type Ground,
  type SmallApp,
} from '../helpers/faulty-ground.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { startWorker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

let ground: Ground;
let app: SmallApp;

beforeAll(async () => {
  ground = await layGround();
  app = await ground.newApp();
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

/** A directory to put first on PATH, with one script in it. */
async function fakeProgram(name: string, script: string): Promise<string> {
  const directory = path.join(ground.directory, `fake-${randomUUID()}`);
  await mkdir(directory);
  await writeFile(path.join(directory, name), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(directory, name), 0o755);
  return directory;
}

describe(`an engine that is not as it should be (seed ${SLICE_SEED})`, () => {
  it('is missing: says what to install, exit 3', async () => {
    const run = await runSmall(ground, {
      store: ground.seedStore,
      app,
      options: { env: { PATH: '/nonexistent', BUILDKIT_HOST: undefined } },
    });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(/slipway: error: .*no BuildKit found.*\[ENGINE_MISSING\]/);
    expect(run.stderr).toMatch(/slipway: hint: .*BUILDKIT_HOST/);
  });

  it('is not there where BUILDKIT_HOST says: names the address, exit 3', async () => {
    const address = `unix://${path.join(ground.directory, 'nobody.sock')}`;
    const run = await runSmall(ground, {
      store: ground.seedStore,
      app,
      options: { env: { BUILDKIT_HOST: address } },
    });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain(address);
    expect(run.stderr).toMatch(/\[ENGINE_[A-Z]+\]/);
  });

  it.each([
    ['the client', 'echo "buildctl github.com/moby/buildkit v0.12.0 abc"', /buildctl 0\.12\.0 is too old/],
    [
      'the daemon',
      'if [ "$1" = --version ]; then echo "buildctl github.com/moby/buildkit v0.33.1 abc"; else echo "BuildKit: github.com/moby/buildkit v0.12.5 abc"; fi',
      /BuildKit 0\.12\.5 is too old/,
    ],
  ])('%s is too old: says which version it has to be, exit 3', async (_who, script, says) => {
    const directory = await fakeProgram('buildctl', script);
    const run = await runSmall(ground, {
      store: ground.seedStore,
      app,
      options: { env: { PATH: `${directory}:${process.env['PATH']}` } },
    });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(says);
    expect(run.stderr).toMatch(/slipway: hint: use 0\.13\.0 or newer/);
  });

  someOf(1, (it) => {
    it('dies in the middle of the build: the build has failed, nothing is saved, the next one is right', async () => {
      const root = await mkdtemp(path.join(tmpdir(), 'slipway-dying-'));
      try {
        const mine = await ground.newApp();
        const machine = await ground.newMachine();
        const store = `type=local,dest=${path.join(ground.directory, 'dying')}`;
        const first = await startWorker({ root });
        const mark = randomUUID();
        // The compile of a cold build says so step by step: by then it is well under way.
        const run = await runSlipway(['build', '--progress', 'plain', ...storeFlags(store), mine.directory], {
          env: { ...machine.env, ...first.env, CRASH_MARK: mark },
          onStderr: (text) => {
            if (/ runtime\n/.test(text) || /internal\/runtime/.test(text)) void first.kill();
          },
        });
        await first.stop();
        expect(run.exitCode, run.stderr).toBe(1);
        expect(run.stderr).toMatch(/slipway: build failed/);
        await untilGone(mark);
        const second = await startWorker({ root });
        try {
          const wanted = await mine.edit();
          expect(await buildPlainly(second, mine.directory)).toMatchObject({ exitCode: 0, output: wanted });
          const env = { ...machine.env, ...second.env };
          const next = await buildSmall(ground, { store, app: mine, machine: { ...machine, env } });
          expect(next).toMatchObject({ output: next.wanted, run: { exitCode: 0 } });
          expect((await checkStore(machine, store)).exitCode).toBe(0);
        } finally {
          await second.stop();
        }
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    });

    it('dies in the middle of restore: one warning about the cache, and the exit code of the build', async () => {
      const worker = await startWorker();
      try {
        const mine = await ground.newApp();
        const run = await runSlipway(
          ['build', '--progress', 'plain', '--log-level', 'debug', ...storeFlags(ground.seedStore), mine.directory],
          {
            env: { ...(await ground.newMachine()).env, ...worker.env },
            onStderr: (text) => {
              if (text.includes('slipway: restore')) void worker.kill();
            },
          },
        );
        expect(run.exitCode, run.stderr).toBe(1);
        expect(warningsOf(run), run.stderr).toHaveLength(1);
      } finally {
        await worker.stop();
      }
    });
  });
});

describe(`input that BuildKit would refuse too: exit 2, and nothing runs (seed ${SLICE_SEED})`, () => {
  const cases = [
    {
      name: 'no Dockerfile',
      write: undefined,
      flags: [],
      says: [/there is no Dockerfile at `Dockerfile`/, /hint: .*`-f`/],
    },
    {
      name: 'a Dockerfile named by -f that is not there',
      write: 'FROM scratch\n',
      flags: ['-f', 'nowhere/Dockerfile'],
      says: [/there is no Dockerfile at `.*nowhere\/Dockerfile`/],
    },
    {
      name: 'an unknown instruction',
      write: 'FROM golang:1.26\nRUNN go build\n',
      flags: [],
      says: [/Dockerfile:2/, /RUNN/, /hint: .*RUN/],
    },
    {
      name: 'a heredoc without its end',
      write: 'FROM golang:1.26\nRUN <<EOF\ngo build\n',
      flags: [],
      says: [/Dockerfile:2/, /EOF/],
    },
    { name: 'a file that is empty', write: '', flags: [], says: [/DOCKERFILE_INVALID/] },
    {
      name: 'an unknown target',
      write: 'FROM golang:1.26 AS build\nRUN go build\nFROM scratch AS final\n',
      flags: ['--target', 'biuld'],
      says: [/biuld/, /build/, /TARGET_UNKNOWN/],
    },
  ];

  it.each(seededSample(cases, 3))('$name', async ({ name, write, flags, says }) => {
    const directory = path.join(ground.directory, `input-${name.replaceAll(' ', '-')}`);
    await mkdir(directory);
    if (write !== undefined) await writeFile(path.join(directory, 'Dockerfile'), write);
    // An engine that tells when it is asked anything.
    const asked = path.join(directory, 'asked');
    const fake = await fakeProgram('buildctl', `echo "$@" >> ${asked}; exit 1`);
    const env = { ...(await ground.newMachine()).env, PATH: `${fake}:${process.env['PATH']}` };
    const run = await runSlipway(['build', ...storeFlags(ground.seedStore), ...flags, '.'], { env, cwd: directory });
    expect(run.exitCode, run.stderr).toBe(2);
    for (const pattern of says) expect(run.stderr).toMatch(pattern);
    expect(run.stdout).toBe('');
    await expect(import('node:fs/promises').then((fs) => fs.stat(asked))).rejects.toThrow('ENOENT');
  });

  it('a Dockerfile without Go mounts builds all the same, and says what to add', async () => {
    const directory = path.join(ground.directory, 'no-mounts');
    await mkdir(directory);
    await writeFile(path.join(directory, 'Dockerfile'), 'FROM busybox:1.37\nRUN echo built\n');
    const run = await runSlipway(['build', '--format', 'json', ...storeFlags(ground.seedStore), directory], {
      env: (await ground.newMachine()).env,
    });
    expect(run.exitCode, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as { restore: { state: string; hint: string }; save: { state: string } };
    expect(report.restore.state).toBe('no-mounts');
    expect(report.restore.hint).toContain('--mount=type=cache');
    expect(report.save.state).toBe('no-mounts');
    expect(smallMounts('x')).toContain('--mount=type=cache');
  });
});
