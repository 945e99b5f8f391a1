import { createHash } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../helpers/crash-run.ts';
import { buildPlainly, readProgram, runInMounts } from '../helpers/faulty-app.ts';
import { buildSmall, checkStore, layGround, storeFlags, warningsOf, type Ground } from '../helpers/faulty-ground.ts';
import { readContents } from '../helpers/faulty-store.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { toolPath } from '../helpers/tools.ts';
import { countCases } from '../helpers/count-cases.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { sized } from '../helpers/suite-size.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';

const exec = promisify(execFile);
/** Reliability plan R4. */
const KILLS = sized({ slice: 2, published: 20, torture: 200 });

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

describe(`a compile that is killed (seed ${SLICE_SEED})`, () => {
  it('leaves nothing torn in what is saved from its mount', { timeout: 3_600_000 }, async () => {
    const random = seededRandom(SLICE_SEED);
    let saved = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const app = await ground.newApp();
      await killGo(app.directory, 300 + random() * 4000);
      const store = `type=local,dest=${path.join(ground.directory, `torn${kill}`)}`;
      const machine = await ground.newMachine();
      const save = await runSlipway(['save', ...storeFlags(store), app.directory], { env: machine.env });
      const what = `seed ${SLICE_SEED}, kill ${kill}\n${save.stderr}`;
      expect(save.exitCode, what).toBe(0);
      expect((await checkStore(machine, store)).exitCode, what).toBe(0);
      if (/found nothing new/.test(save.stderr)) continue;
      await expectWhole(path.join(ground.directory, `torn${kill}`));
      const next = await buildSmall(ground, { store, machine: await ground.newMachine(), flags: ['--read-only'] });
      expect(next.output, what).toBe(next.wanted);
      expect(warningsOf(next.run), what).toEqual([]);
      saved += 1;
    }
    expect(saved).toBeGreaterThanOrEqual(KILLS / 2);
    countCases({ suite: 'R4', what: 'compiles killed', cases: KILLS, seed: SLICE_SEED });
    countCases({ suite: 'R4', what: 'of them left something that was saved', cases: saved });
  });
});

describe(`another way that something torn comes about, or nothing (seed ${SLICE_SEED})`, () => {
  /** What is torn in a live mount, and how. */
  const TORN = [
    { name: 'a truncated output', script: 'f=$(one d); truncate -s -1 "$f"; echo "torn $f"' },
    {
      name: 'an output altered in place',
      script: 'f=$(one d); printf X | dd of="$f" bs=1 seek=100 conv=notrunc; echo "torn $f"',
    },
    {
      name: 'an output of zeros',
      script: 'f=$(one d); n=$(stat -c %s "$f"); head -c "$n" /dev/zero > "$f"; echo "torn $f"',
    },
    { name: 'an empty output', script: 'f=$(one d); : > "$f"; echo "torn $f"' },
    {
      name: 'an action of garbage',
      script: 'f=$(one a); head -c 175 /dev/urandom > "$f"; echo "torn $f"',
    },
    { name: 'a short action', script: 'f=$(one a); truncate -s 100 "$f"; echo "torn $f"' },
    {
      name: 'an action without its output',
      script: 'f=$(one d); id=$(basename "$f" -d); rm "$f"; echo "torn $(grep -l "$id" */*-a | head -n 1)"',
    },
  ] as const;

  async function tear(script: string): Promise<void> {
    const app = await ground.newApp();
    await buildSmall(ground, { store: ground.seedStore, app, flags: ['--read-only'] });
    // The largest output (the runtime's archive) and the action that names it: certainly of use to the next build.
    const one = [
      'cd /go-cache',
      'one() { d=$(ls -S */*-d | head -n 1); if [ "$1" = d ]; then echo "$d"; else grep -l "$(basename "$d" -d)" */*-a | head -n 1; fi; }',
    ];
    const log = await runInMounts(ground.worker, app.id, [...one, script].join('\n'));
    const torn = / torn (\S+)/.exec(log)?.[1];
    expect(torn, log).toBeDefined();
    const directory = path.join(ground.directory, `live-${app.id}`);
    const store = `type=local,dest=${directory}`;
    const machine = await ground.newMachine();
    const save = await runSlipway(['save', '--format', 'json', ...storeFlags(store), app.directory], {
      env: machine.env,
    });
    expect(save.exitCode, save.stderr).toBe(0);
    const { save: report } = JSON.parse(save.stdout) as { save: { entriesRejected: number; warnings: string[] } };
    expect(report.entriesRejected).toBeGreaterThanOrEqual(1);
    expect(warningsOf(save)).toEqual([expect.stringMatching(/damaged entries are not saved: /)]);
    const contents = await readContents(directory, 'main');
    expect(contents.gocache.size).toBeGreaterThan(50);
    expect([...contents.gocache.keys()]).not.toContain(torn);
    await expectWhole(directory);
    const warm = await buildSmall(ground, { store, flags: ['--read-only'] });
    expect(warm.output).toBe(warm.wanted);
  }

  someOf(1, (it) => {
    it('by a SIGKILL of buildkitd: what is saved after it came back is whole', async () => {
      const root = await mkdtemp(path.join(tmpdir(), 'slipway-killed-'));
      try {
        const app = await ground.newApp();
        const first = await startWorker({ root });
        const compile = await startCompile(first, app.directory);
        await sleep(seededRandom(SLICE_SEED)() * 2000);
        await first.kill();
        await first.stop();
        await compile.ended;
        const second = await startWorker({ root });
        try {
          const machine = await ground.newMachine();
          const env = { ...machine.env, ...second.env };
          const directory = path.join(ground.directory, 'after-kill');
          const save = await runSlipway(['save', ...storeFlags(`type=local,dest=${directory}`), app.directory], {
            env,
          });
          expect(save.exitCode, save.stderr).toBe(0);
          expect((await checkStore(machine, `type=local,dest=${directory}`)).exitCode).toBe(0);
          const wanted = await app.edit();
          expect(await buildPlainly(second, app.directory)).toMatchObject({ exitCode: 0, output: wanted });
        } finally {
          await second.stop();
        }
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    });

    for (const { name, script } of seededSample(TORN, 1)) it(`${name}: not saved, and said`, () => tear(script));

    it('warm and cold give the same program, byte for byte, with -trimpath', async () => {
      const app = await ground.newApp();
      const restored = await buildSmall(ground, { store: ground.seedStore, app, flags: ['--read-only'] });
      expect(restored.report.restore.state).toBe('restored');
      const cold = await ground.newApp();
      // BuildKit's layer cache doesn't look at the names of cache mounts: without a change the step would not run.
      await writeFile(path.join(restored.app.directory, 'note.txt'), 'not a part of the program\n');
      const program = await readProgram(restored.out);
      const built = await buildPlainly(ground.worker, cold.directory, restored.app.directory);
      expect(built.exitCode, built.log).toBe(0);
      expect(built.log).toMatch(/ runtime\n/);
      expect(digest(built.program)).toBe(digest(program));
    });
  });
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Every output hashes to its name, every action names an output that is there, with its size. */
async function expectWhole(directory: string): Promise<void> {
  const { gocache } = await readContents(directory, 'main');
  for (const [name, body] of gocache) {
    if (name.endsWith('-d')) {
      expect(digest(body)).toBe(name.slice(3, 67));
      continue;
    }
    const [, , out = '', size = ''] = body.toString('latin1').split(/ +/);
    expect(gocache.get(`${out.slice(0, 2)}/${out}-d`)?.length, name).toBe(Number(size));
  }
}

/** Starts the cold build, and after that time kills what runs in its RUN: go, compile, asm, link. */
async function killGo(directory: string, afterMs: number): Promise<void> {
  const compile = await startCompile(ground.worker, directory);
  await sleep(afterMs);
  for (const { id } of (await containers()).filter(({ bundle }) => bundle.startsWith(`${ground.worker.root}/`))) {
    await exec(toolPath('runc'), ['kill', id, 'KILL']).catch(() => undefined);
  }
  await compile.ended;
}

/** Starts the cold build, and is back when Go has named its first package. */
async function startCompile(worker: Worker, directory: string): Promise<{ readonly ended: Promise<number | null> }> {
  const args = [
    ...['--addr', worker.address, 'build', '--progress=plain', '--frontend', 'dockerfile.v0'],
    ...['--local', `context=${directory}`, '--local', `dockerfile=${directory}`],
  ];
  const client = spawn(toolPath('buildctl'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const hasStarted = new Promise<void>((resolve) => {
    client.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      // The first package that Go names.
      if (/^#\d+ [\d.]+ [a-z]/m.test(log)) resolve();
    });
  });
  const ended = new Promise<number | null>((resolve) => client.once('exit', resolve));
  await Promise.race([hasStarted, ended]);
  return { ended };
}

/** `runc list` fails when a container goes while it looks. */
async function containers(): Promise<readonly { readonly id: string; readonly bundle: string }[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { stdout } = await exec(toolPath('runc'), ['list', '--format', 'json']);
      return (JSON.parse(stdout || 'null') ?? []) as readonly { id: string; bundle: string }[];
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}
