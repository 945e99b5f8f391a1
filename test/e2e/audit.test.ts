import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditSchema } from '../../scripts/audit-schema.ts';
import type { AuditReport } from '../../src/warm/audit/types.ts';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { layGround, storeFlags, type Ground, type Machine, type SmallApp } from '../helpers/faulty-ground.ts';
import { forgePack, readContents, storeForged, type Contents } from '../helpers/faulty-store.ts';
import { findWord, poisonedWord, WORD_PACKAGE } from '../helpers/poisoned-action.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { runSlipway, type RunSlipwayOptions, type SlipwayRun } from '../helpers/run-slipway.ts';
import { someOf } from '../helpers/some-of.ts';

const execute = promisify(execFile);

let ground: Ground;
let honest: Contents;
let poisoned: string;

beforeAll(async () => {
  ground = await layGround();
  honest = await readContents(ground.seedDirectory, 'main');
  const directory = path.join(ground.directory, 'poisoned');
  const gocache = new Map([...honest.gocache, ...poisonedWord(honest)]);
  await storeForged(directory, [await forgePack('gomodcache', honest.gomodcache), await forgePack('gocache', gocache)]);
  poisoned = `type=local,dest=${directory}`;
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

interface Audited {
  readonly run: SlipwayRun;
  readonly report: AuditReport;
}

/** `slipway audit` on a machine of its own. Whatever it finds, it leaves the store and the builder as they were. */
async function runAudit(
  app: SmallApp,
  store: string,
  flags: readonly string[] = [],
  options: RunSlipwayOptions & { readonly machine?: Machine } = {},
): Promise<SlipwayRun> {
  const machine = options.machine ?? (await ground.newMachine());
  const stored = await filesOf(store.slice('type=local,dest='.length));
  const entries = await countEntries();
  const args = ['audit', '--progress', 'plain', ...storeFlags(store), ...flags, app.directory];
  const run = await runSlipway(args, { ...options, env: { ...machine.env, ...options.env } });
  expect(await filesOf(store.slice('type=local,dest='.length)), run.stderr).toEqual(stored);
  expect(await countEntries(), run.stderr).toBe(entries);
  expect(await leftBehind(machine), run.stderr).toEqual([]);
  return run;
}

async function audit(app: SmallApp, store: string, options: RunSlipwayOptions = {}): Promise<Audited> {
  const run = await runAudit(app, store, ['--format', 'json'], options);
  if (run.stdout === '') throw new Error(`slipway said nothing on stdout (exit ${run.exitCode}):\n${run.stderr}`);
  return { run, report: auditSchema.parse(JSON.parse(run.stdout)) };
}

async function filesOf(directory: string): Promise<readonly string[]> {
  return existsSync(directory) ? (await readdir(directory, { recursive: true })).sort() : [];
}

/** Entries of Go's build cache in all mounts of the worker. */
async function countEntries(): Promise<number> {
  const { stdout } = await execute(
    'find',
    [ground.worker.root, '-type', 'f', '-name', '*-[ad]', '-size', '-1000000k'],
    {
      maxBuffer: 64 << 20,
    },
  );
  return stdout.split('\n').filter((line) => /\/[0-9a-f]{2}\/[0-9a-f]{64}-[ad]$/.test(line)).length;
}

async function leftBehind({ cacheHome, temporary }: Machine): Promise<readonly string[]> {
  const names = await Promise.all([path.join(cacheHome, 'slipway'), temporary].map(filesOf));
  return names.flat().filter((name) => /^run-|^slipway-|\.tmp$/.test(path.basename(name)));
}

/** The app whose compile is another command. */
async function appThatRuns(compile: string): Promise<SmallApp> {
  const app = await ground.newApp();
  const file = path.join(app.directory, 'Dockerfile');
  await writeFile(file, (await readFile(file, 'utf8')).replace('go build -v -o /out/app .', compile));
  return app;
}

/** Another program with each build. */
const STAMPED = 'go build -ldflags "-X main.greeting=$(cat /proc/sys/kernel/random/uuid)" -o /out/app .';

describe(`a store that is honest, or has an action that names an evil output, every hash of it right (G4) (seed ${SLICE_SEED})`, () => {
  it('evil, it is found out, through buildx too: program, package and action are named', async () => {
    await using buildx = await makeBuildxHome();
    await buildx.use('auditor', ground.worker.address);
    const env = { ...buildx.env, BUILDKIT_HOST: undefined };
    const { run, report } = await audit(await ground.newApp(), poisoned, { env });
    expect(report.engine).toMatch(/buildx/);
    expect(run.exitCode, run.stderr).toBe(1);
    expect(report.verdict).toBe('differs');
    expect(report.differences).toEqual([
      {
        path: 'app',
        change: 'content',
        warm: expect.stringMatching(/^sha256:/),
        cold: expect.stringMatching(/^sha256:/),
        isReproducible: true,
      },
    ]);
    const { output, action } = findWord(honest);
    expect(report.actions).toEqual([
      {
        action: action.slice(3, 67),
        package: WORD_PACKAGE,
        cached: expect.stringMatching(/^[0-9a-f]{64}$/),
        rebuilt: output.slice(3, 67),
        isReproducible: true,
      },
    ]);
    expect(report.builds.map(({ name }) => name)).toEqual(['warm', 'cold', 'verify', 'cold-again']);
  });

  someOf(1, (it) => {
    it('honest, it passes: what was restored is used, compared and checked by Go itself', async () => {
      const app = await ground.newApp();
      const file = path.join(app.directory, 'Dockerfile');
      // The strictest of BuildKit's own checks, and a GODEBUG of the file's own, which stays in force.
      const strict = (await readFile(file, 'utf8')).replace('WORKDIR', 'ENV GODEBUG=netdns=go\nWORKDIR');
      await writeFile(file, `# check=error=true\n${strict}`);
      const { run, report } = await audit(app, ground.seedStore);
      expect(run.exitCode, run.stderr).toBe(0);
      expect(report).toMatchObject({ verdict: 'alike', differences: [], actions: [], warnings: [] });
      const { restored, compared } = report;
      expect(restored).toMatchObject({ packs: expect.any(Number), snapshots: [expect.stringMatching(/^main@1-/)] });
      expect(restored.entries).toBe(honest.gocache.size + honest.gomodcache.size);
      expect(restored.actions).toBe([...honest.gocache.keys()].filter((name) => name.endsWith('-a')).length);
      expect(restored.packages).toBeGreaterThan(25);
      expect(restored.used).toBeGreaterThan(50);
      expect(compared.files).toBe(1);
      expect(compared.actions).toBeGreaterThan(50);
      // Each action that the warm build took from the cache is done again by Go.
      expect(compared.verified).toBeGreaterThanOrEqual(restored.used);
      expect(report.builds.map(({ name, exitCode }) => [name, exitCode])).toEqual([
        ['warm', 0],
        ['cold', 0],
        ['verify', 0],
      ]);
      const [warm, cold] = report.builds;
      expect(warm?.seconds).toBeLessThan(cold?.seconds ?? 0);
      expect(run.stderr).toMatch(/slipway: audit: building warm/);
    });

    it('honest, it proves nothing where two cold builds differ from each other too', async () => {
      const { run, report } = await audit(await appThatRuns(STAMPED), ground.seedStore);
      expect(run.exitCode, run.stderr).toBe(3);
      expect(report).toMatchObject({ verdict: 'irreproducible', actions: [] });
      expect(report.differences).toMatchObject([{ path: 'app', change: 'content', isReproducible: false }]);
    });

    it('evil, it is found out in a build that is not reproducible by itself', async () => {
      const { run, report } = await audit(await appThatRuns(STAMPED), poisoned);
      expect(run.exitCode, run.stderr).toBe(1);
      expect(report.differences).toMatchObject([{ path: 'app', isReproducible: false }]);
      expect(report.actions).toMatchObject([{ package: WORD_PACKAGE, isReproducible: true }]);
    });
  });
});

describe(`nothing is proven, and nobody blamed (seed ${SLICE_SEED})`, () => {
  it.each([
    ['nothing is stored', [], /nothing is stored for these scopes/],
    ['only modules are believed', ['--trust', 'modules'], /no build cache was restored/],
  ])('where %s', async (_, flags, says) => {
    const store = flags.length > 0 ? ground.seedStore : `type=local,dest=${path.join(ground.directory, 'empty')}`;
    const run = await runAudit(await ground.newApp(), store, flags);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(says);
    expect(run.stderr).toMatch(/\[AUDIT_IMPOSSIBLE\]/);
  });

  const silent: readonly (readonly [what: string, compile: string, says: RegExp])[] = [
    [
      'the build fails, warm and cold',
      'go build -o /out/app ./nowhere',
      /the build used nothing|the cold build failed/,
    ],
    ['the step hides its environment from Go', 'GODEBUG= go build -o /out/app .', /Go checked nothing/],
    [
      'the step compiles into another directory',
      'echo GOCACHE=/tmp/c go build -o /out/app . | sh && rm -r /tmp/c',
      /the build used nothing/,
    ],
  ];

  it.each(seededSample(silent, 1))('where %s', async (_, compile, says) => {
    const run = await runAudit(await appThatRuns(compile), ground.seedStore);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(says);
  });
});

const PHASES: readonly (readonly [phase: string, after: RegExp])[] = [
  ['the restore', /slipway: restore/],
  ['the warm build', /audit: building warm/],
  ['the cold build', /audit: building cold[^]*RUN/],
];

it.each(seededSample(PHASES, 1))('^C in %s leaves nothing behind', async (_, after) => {
  const app = await ground.newApp();
  let pid = 0;
  let text = '';
  const run = await runAudit(app, ground.seedStore, [], {
    onStart: (started) => {
      pid = started;
    },
    onStderr: (chunk) => {
      const isBefore = !after.test(text);
      text += chunk;
      if (isBefore && after.test(text)) process.kill(pid, 'SIGINT');
    },
  });
  expect(run.exitCode, run.stderr).toBe(130);
});
