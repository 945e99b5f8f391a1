import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditSchema } from '../../../scripts/audit-schema.ts';
import { reportSchema } from '../../../scripts/report-schema.ts';
import type { Parts } from '../../../src/session/parts.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import type { Engine, UserBuild, UserBuildResult } from '../../../src/buildkit/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { AuditReport } from '../../../src/warm/audit/types.ts';
import type { StoredState } from '../../../src/warm/stored-state.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { hostCaches } from '../../../src/warm/host/host-caches.ts';
import { mountCaches } from '../../../src/warm/mount-caches.ts';
import { prefetch } from '../../../src/warm/prefetch.ts';
import { readAhead } from '../../../src/warm/read-ahead.ts';
import type { Store, StoreKeeper } from '../../../src/store/port.ts';
import type { BuildReport, PlannedBuild, RestoreReport, SaveReport, WarmContext } from '../../../src/warm/types.ts';

const RESTORE: RestoreReport = {
  state: 'restored',
  snapshots: ['main@3-0a1b2c3d'],
  packsMoved: 16,
  bytesMoved: 27_000_000,
  entriesRestored: 5334,
  seconds: 4.2,
  phases: { read: 0.1, download: 1.2, inject: 2.9 },
  warnings: [],
};
const SAVE: SaveReport = {
  state: 'saved',
  snapshot: 'main@4-ffffffff',
  packsMoved: 1,
  bytesMoved: 359_000,
  entriesNew: 6,
  entriesUsed: 3692,
  entriesRejected: 0,
  isCompacted: false,
  seconds: 1.5,
  phases: { extract: 1, upload: 0.5 },
  warnings: [],
};
const REPORT: BuildReport = {
  schemaVersion: 1,
  engine: 'fake',
  store: 'memory',
  scope: 'main',
  buildExitCode: 0,
  buildSeconds: 10,
  totalSeconds: 16.1,
  savedSeconds: 206.9,
  restore: RESTORE,
  save: SAVE,
};
const AUDIT: AuditReport = {
  schemaVersion: 1,
  engine: 'fake',
  store: 'memory',
  scopes: ['main'],
  verdict: 'alike',
  restored: {
    snapshots: ['main@3-0a1b2c3d'],
    packs: 16,
    bytes: 27_000_000,
    entries: 5334,
    actions: 3000,
    packages: 1190,
    used: 1,
  },
  compared: { files: 2, actions: 3000, verified: 2990 },
  builds: [
    { name: 'warm', exitCode: 0, seconds: 10 },
    { name: 'cold', exitCode: 0, seconds: 220 },
    { name: 'verify', exitCode: 0, seconds: 225.4 },
  ],
  differences: [],
  actions: [],
  warnings: [],
  seconds: 470,
};
const RESULT: UserBuildResult = {
  exitCode: 0,
  imageId: 'sha256:1',
  messages: [],
  seconds: 10,
  ranSteps: [],
  cachedSteps: [],
};
const DOCKERFILE = `FROM golang:1.26 AS build
RUN --mount=type=cache,target=/go-cache,id=gc,uid=5,mode=0700 GOCACHE=/go-cache go build ./...
`;

interface Seen {
  contexts: WarmContext[];
  planned: PlannedBuild[];
  withSave: boolean[];
  userBuilds: UserBuild[];
  stores: string[];
  stored: (StoredState | undefined)[];
  disposed: number;
}

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  await writeFile(join(directory, 'Dockerfile'), DOCKERFILE);
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

interface Fakes {
  readonly report?: Partial<BuildReport>;
  readonly result?: Partial<UserBuildResult>;
  readonly audit?: Partial<AuditReport>;
  readonly fail?: () => never;
  readonly refuse?: (build: UserBuild) => never;
  readonly engine?: Engine['kind'];
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly isStrictStore?: boolean;
  readonly signal?: AbortSignal;
  readonly store?: Store & StoreKeeper;
  readonly discover?: () => Promise<void>;
}

/** Runs a command line with real parsing, configuration and Dockerfile reading, and made-up use-cases behind it. */
async function run(words: readonly string[], fakes: Fakes = {}) {
  const seen: Seen = { contexts: [], planned: [], withSave: [], userBuilds: [], stores: [], stored: [], disposed: 0 };
  const result = { ...RESULT, ...fakes.result };
  const engine: Engine = {
    kind: fakes.engine ?? 'buildx',
    description: 'fake',
    checkUserBuild: (build) => fakes.refuse?.(build),
    inspect: async () => ({ driver: undefined, name: 'fake', nodes: [] }),
    runHelper: async () => {},
    runUserBuild: async (build) => {
      seen.userBuilds.push(build);
      return result;
    },
    [Symbol.asyncDispose]: async () => {
      seen.disposed += 1;
    },
  };
  const parts: Parts = {
    discoverEngine: async () => {
      await fakes.discover?.();
      return engine;
    },
    readAhead,
    openStores: (specs) => {
      seen.stores.push(...specs);
      const store = fakes.store ?? createMemoryStore();
      return { store, each: [{ store, isReadOnly: false }], isStrict: fakes.isStrictStore ?? false, isReadOnly: false };
    },
    planBuild,
    prefetch,
    restore: async (context, planned) => {
      note(context, planned);
      return { report: { ...RESTORE, ...fakes.report?.restore } } as Awaited<ReturnType<Parts['restore']>>;
    },
    save: async (context, planned) => {
      note(context, planned);
      return { ...SAVE, ...fakes.report?.save };
    },
    build: async (context, planned, { withSave, stored }) => {
      fakes.fail?.();
      seen.stored.push(await stored);
      note(context, planned);
      seen.withSave.push(withSave);
      return { report: { ...REPORT, ...fakes.report }, build: result };
    },
    around: () => Promise.reject(new Error('test/unit/cli/run has its own')),
    aroundCaches: () => Promise.reject(new Error('test/unit/cli/run has its own')),
    mountCaches,
    treeCaches: async () => undefined,
    hostCaches,
    audit: async (context, planned) => {
      fakes.fail?.();
      note(context, planned);
      return { ...AUDIT, ...fakes.audit };
    },
    planRestore: async () => ({
      plan: {
        share: 'all',
        by: 'default',
        reason: undefined,
        bytes: { toMove: 0, toInject: 0 },
        restoreSeconds: 0,
        savingSeconds: 0,
      },
      decision: { share: 'all', by: 'default' },
      packs: [],
      sums: undefined,
    }),
    readStoredState: async () => ({ heads: [], packs: [] }) as unknown as StoredState,
    publish: () => Promise.reject(new Error('nothing is published here')),
  };
  const note = (context: WarmContext, planned: PlannedBuild): void => {
    seen.contexts.push(context);
    seen.planned.push(planned);
    context.onEvent({ type: 'message', level: 'info', text: 'at work' });
  };
  let stdout = '';
  let stderr = '';
  const exitCode = await runCli(
    words.map((word) => (word === '.' ? directory : word)),
    {
      env: { HOME: directory, USER: 'ann', ...fakes.env },
      cwd: directory,
      stdin: Readable.from(fakes.stdin === undefined ? [] : [fakes.stdin]),
      stdout: { write: (text) => ((stdout += text), true) },
      stderr: { write: (text) => ((stderr += text), true) },
      signal: fakes.signal ?? new AbortController().signal,
      loadParts: async () => parts,
    },
  );
  return { exitCode, stdout, stderr, seen };
}

describe('slipway build --auto', () => {
  const BAD =
    'FROM golang:1.26\nRUN --mount=type=cache,target=/root/.cache --mount=type=cache,target=/go/pkg go build -a .\n';

  it('hands the engine a Dockerfile with the safe fixes and says in one line which', async () => {
    await writeFile(join(directory, 'Dockerfile'), BAD);
    await writeFile(join(directory, 'Dockerfile.dockerignore'), 'x\n');
    const { exitCode, stderr, seen } = await run(['build', '--auto', directory]);
    expect(exitCode).toBe(0);
    const [planned] = seen.planned;
    expect(planned?.userBuild.fileText).toBe(BAD.replace(' -a', ''));
    expect(planned?.userBuild.ignoreText).toBe('x\n');
    expect(planned?.dockerfileText).toBe(BAD.replace(' -a', ''));
    expect(stderr).toMatch(/^slipway: built with one safe fix .*: forced-rebuild-flag$/m);
    expect(await readFile(join(directory, 'Dockerfile'), 'utf8')).toBe(BAD);
  });

  it('changes nothing where nothing is to be mended, or the build alone can say what is wrong', async () => {
    await writeFile(join(directory, 'Dockerfile'), BAD.replace(' -a', ''));
    expect((await run(['build', '--auto', directory])).seen.planned[0]?.userBuild.fileText).toBeUndefined();
    await writeFile(join(directory, 'Dockerfile'), 'RUM x\n');
    const { exitCode, stderr } = await run(['build', '--auto', directory]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[DOCKERFILE_INVALID]');
  });

  it('mends what comes from standard input', async () => {
    const { seen } = await run(['build', '--auto', '-f', '-', directory], { stdin: BAD });
    expect(seen.planned[0]?.userBuild.fileText).toBe(BAD.replace(' -a', ''));
  });
});

describe('slipway build', () => {
  it('talks on standard error only and ends with one line', async () => {
    const { exitCode, stdout, stderr, seen } = await run(['build', '-t', 'app', directory]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('slipway: engine: fake\n');
    expect(
      stderr.endsWith(
        'slipway: 27.0 MB down, 359 kB up; entries 5,334 restored, 3,692 used, 6 new; 16.1 s, 3 min 27 s less than the cold build on record\n',
      ),
    ).toBe(true);
    expect(seen.planned[0]?.facts.mounts).toHaveLength(1);
    expect(seen.planned[0]?.userBuild.tags).toEqual(['app']);
    expect(seen.disposed).toBe(1);
  });

  it('reads the store while the engine is still looked for', async () => {
    const asked = Promise.withResolvers<void>();
    const store = createMemoryStore();
    const listSnapshots: Store['listSnapshots'] = (...about) => {
      asked.resolve();
      return store.listSnapshots(...about);
    };
    const { seen } = await run(['build', directory], {
      store: { ...store, listSnapshots },
      discover: () => asked.promise,
    });
    expect(seen.stored).toMatchObject([{ heads: [] }]);
  });

  it('waits for no store that is silent, where there is no engine', async () => {
    const stalled: Store['listSnapshots'] = (_, options) =>
      new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
      });
    const { exitCode, stderr } = await run(['build', directory], {
      store: { ...createMemoryStore(), listSnapshots: stalled },
      discover: () => Promise.reject(new SlipwayError('ENGINE_MISSING', 'no BuildKit found')),
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('no BuildKit found');
  });

  it('hands the settings on', async () => {
    const words = [
      '--scope',
      's',
      '--helper-image=h',
      '--strict-cache',
      '--cache-timeout',
      '3',
      '--read-only',
      '--no-save',
      '--modules=trees',
    ];
    const { seen } = await run(['build', ...words, '--store', 'type=local,dest=x', '.'], {
      env: { XDG_CACHE_HOME: '/c', GOPRIVATE: 'example.com' },
    });
    expect(seen.contexts[0]?.options).toEqual({
      privacy: { goPrivate: 'example.com' },
      facts: { builder: hostname(), event: 'local', writer: expect.stringMatching(/^slipway \d/) },
      scopes: { write: 's', read: ['s'] },
      helperImage: 'h',
      isReadOnly: true,
      believes: 'all',
      isGuarded: true,
      modules: 'trees',
      fetch: 'auto',
      isStrict: true,
      withTestResults: false,
      cacheTimeoutSeconds: 3,
      isDryRun: false,
    });
    expect(seen.contexts[0]?.workDirectory).toBe('/c/slipway');
    expect(seen.withSave).toEqual([false]);
    expect(seen.stores).toEqual(['type=local,dest=x']);
  });

  it('asks nobody whether strangers can read the store with --allow-public', async () => {
    const { seen } = await run(['build', '--allow-public', '.'], { env: { GOPRIVATE: 'example.com' } });
    expect(seen.contexts[0]?.options).not.toHaveProperty('privacy');
  });

  const TAG = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/tags/v1' };

  it.each([
    ['a release', TAG, [], 'modules', true],
    ['a release that trusts all', TAG, ['--trust=all'], 'all', true],
    ['a branch', { ...TAG, GITHUB_REF: 'refs/heads/main' }, [], 'all', false],
    ['a branch that trusts modules', { ...TAG, GITHUB_REF: 'refs/heads/main' }, ['--trust=modules'], 'modules', false],
    ['an unknown CI', { CI: 'true' }, [], 'all', true],
    ['an unknown CI that may write', { CI: 'true', SLIPWAY_READ_ONLY: '0' }, [], 'all', false],
    ['a release with the guard off', TAG, ['--guard=false'], 'modules', true],
  ] as const)('decides what %s may write and believes', async (_what, env, words, trust, isReadOnly) => {
    const { seen, stderr } = await run(['build', ...words, '.'], { env });
    const isGuarded = !words.some((word) => word === '--guard=false');
    expect(seen.contexts[0]?.options).toMatchObject({ believes: trust, isReadOnly, isGuarded });
    expect(/the store is only read: (a release is built|this CI system)/.test(stderr)).toBe(isReadOnly);
    expect(/so only modules are restored/.test(stderr)).toBe(env === TAG && trust === 'modules');
  });

  it("gives BuildKit's exit code and words when the build fails", async () => {
    const report = { buildExitCode: 17 };
    const result = { exitCode: 17, messages: ['ERROR: no\u001b[31m such stage'] };
    const { exitCode, stderr } = await run(['build', '.'], { report, result });
    expect(exitCode).toBe(17);
    expect(stderr).toContain('\nERROR: no such stage\n');
    expect(stderr).toContain('slipway: build failed; ');
  });

  const failed = { restore: { ...RESTORE, state: 'failed' as const } };

  it.each([
    ['a cache fault costs nothing', ['build', '.'], { report: failed }, 0],
    ['unless it is strict', ['build', '--strict-cache', '.'], { report: failed }, 3],
    ['or the store says so', ['build', '.'], { report: failed, isStrictStore: true }, 3],
    ['and a failed build beats it', ['build', '--strict-cache', '.'], { report: { ...failed, buildExitCode: 1 } }, 1],
    [
      'a failed save counts alike',
      ['build', '--strict-cache', '.'],
      { report: { save: { ...SAVE, state: 'failed' as const } } },
      3,
    ],
  ])('%s', async (_what, words, fakes, expected) => {
    expect((await run(words, fakes)).exitCode).toBe(expected);
  });

  it('prints a report that fits its schema, and nothing else, with --format json', async () => {
    const { stdout } = await run(['build', '--format', 'json', '.']);
    expect(reportSchema.parse(JSON.parse(stdout))).toEqual(REPORT);
  });

  it.each([[['-q', '.']], [['-o', '-', '.']], [['--check', '.']]])('refuses --format json with %j', async (words) => {
    const { exitCode, stderr } = await run(['build', '--format', 'json', ...words]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('would both write to standard output');
  });

  it('prints the image ID alone with --quiet', async () => {
    const { stdout, stderr } = await run(['build', '-q', '.']);
    expect(stdout).toBe('sha256:1\n');
    expect(stderr).toBe('');
  });

  it('reads the Dockerfile from standard input', async () => {
    const { seen } = await run(['build', '-f', '-', '.'], { stdin: DOCKERFILE.replace('id=gc', 'id=other') });
    expect(seen.planned[0]?.facts.mounts[0]?.identity.id).toBe('other');
    expect(seen.planned[0]?.userBuild).toMatchObject({ file: '-', context: directory });
    expect((await run(['build', '-f', '-', '-'])).exitCode).toBe(2);
  });

  it.each([
    ['--check', ['--check', '.'], 'it only asks a question'],
    ['a remote context', ['https://example.com/app.git'], 'its context is remote'],
    ['a context on standard input', ['-'], 'its context comes from standard input'],
  ])('builds without the cache for %s', async (_what, words, reason) => {
    const { seen, stderr, exitCode } = await run(['build', ...words], { result: { exitCode: 5 } });
    expect(exitCode).toBe(5);
    expect(seen.contexts).toHaveLength(0);
    expect(seen.userBuilds).toHaveLength(1);
    expect(stderr).toContain(`building without the cache: ${reason}`);
  });

  it.each([
    ['no Dockerfile', ['nowhere'], 'DOCKERFILE_MISSING'],
    ['an unknown target', ['--target', 'x', '.'], 'TARGET_UNKNOWN'],
    ['a bad setting', ['--engine', 'dockr', '.'], 'USAGE'],
  ])('%s is exit code 2, before an engine is looked for', async (_what, words, code) => {
    const { exitCode, stderr, seen } = await run(['build', ...words]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`[${code}]`);
    expect(stderr).not.toContain('engine: fake');
    expect(seen.disposed).toBe(0);
  });

  it('refuses what the engine has no flag for before anything runs, and lets the engine go', async () => {
    const refuse = (build: UserBuild): never => {
      throw new SlipwayError('FLAG_UNSUPPORTED', `no ${build.passthrough.join()}`);
    };
    const { exitCode, stderr, seen } = await run(['build', '--squash', '.'], { refuse });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no --squash [FLAG_UNSUPPORTED]');
    expect(seen).toMatchObject({ disposed: 1, contexts: [] });
  });

  it.each([
    ['buildx', ['-D']],
    ['buildctl', []],
    ['embedded', []],
  ] as const)('hands --debug on to %s as %j', async (engine, passthrough) => {
    const { seen } = await run(['build', '-D', '.'], { engine });
    expect(seen.planned[0]?.userBuild.passthrough).toEqual(passthrough);
  });

  it('only reads for a pull request from a fork, unless a flag says otherwise', async () => {
    const event = join(directory, 'event.json');
    await writeFile(
      event,
      JSON.stringify({
        pull_request: { number: 1, head: { repo: { full_name: 'x/y' } }, base: { repo: { full_name: 'me/app' } } },
      }),
    );
    const env = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event };
    const { seen, stderr } = await run(['build', '.'], { env });
    expect(seen.contexts[0]?.options.isReadOnly).toBe(true);
    expect(stderr).toContain('slipway: the store is only read: the pull request comes from a fork\n');
    await writeFile(join(directory, '.slipway.yaml'), 'read-only: false\n');
    expect((await run(['build', '.'], { env })).seen.contexts[0]?.options.isReadOnly).toBe(true);
    expect((await run(['build', '--read-only=false', '.'], { env })).seen.contexts[0]?.options.isReadOnly).toBe(false);
  });

  it('prints the plan and does nothing with --dry-run', async () => {
    const { stdout, seen, exitCode } = await run(['build', '--dry-run', '--scope', 's', '.']);
    expect(exitCode).toBe(0);
    expect(seen.contexts).toHaveLength(0);
    expect(stdout).toContain('scope       writes s, reads s (--scope)\n');
    expect(stdout).toContain('mount       gocache at /go-cache, line 2, stage build: id=gc,uid=5,mode=0700\n');
    expect(stdout).toContain('restore     nothing stored yet\n');
    const json = JSON.parse((await run(['build', '--dry-run', '--format', 'json', '.'])).stdout);
    expect(json).toMatchObject({ schemaVersion: 1, writeScope: 'dev-ann', mounts: [{ kind: 'gocache' }] });
  });
});

describe('errors', () => {
  it('have a short message, a hint and a code', async () => {
    const fail = (): never => {
      throw new SlipwayError('STORE_DENIED', 'the store says no\nsecond line', { hint: 'ask' });
    };
    const { exitCode, stderr } = await run(['build', '.'], { fail });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('slipway: error: the store says no [STORE_DENIED]\n  second line\nslipway: hint: ask\n');
    expect(stderr).not.toContain('    at ');
  });

  it('that nobody expected show a stack only on demand', async () => {
    const fail = (): never => {
      throw new TypeError('x is not a function');
    };
    const plain = await run(['build', '.'], { fail });
    expect(plain).toMatchObject({ exitCode: 3 });
    expect(plain.stderr).toContain('slipway: error: x is not a function [INTERNAL]\n');
    expect(plain.stderr).not.toContain('    at ');
    expect((await run(['build', '--debug', '.'], { fail })).stderr).toContain('    at ');
    expect((await run(['build', '.'], { fail, env: { SLIPWAY_DEBUG: '1' } })).stderr).toContain('    at ');
  });

  it('are an interruption when one was asked for', async () => {
    const abort = new AbortController();
    const fail = (): never => {
      abort.abort(new SlipwayError('INTERRUPTED', 'interrupted by SIGINT'));
      throw new Error('socket hang up');
    };
    const { exitCode, stderr, seen } = await run(['build', '.'], { fail, signal: abort.signal });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('interrupted by SIGINT');
    expect(stderr).not.toContain('socket');
    expect(seen.disposed).toBe(1);
  });
});

describe('slipway restore and save', () => {
  it.each([
    ['restore', 'slipway: restore done; 27.0 MB down in 16 packs; 5,334 entries restored; 4.2 s\n'],
    ['save', 'slipway: save done; 359 kB up in 1 pack; entries 3,692 used, 6 new; 1.5 s\n'],
  ])('%s ends with one line', async (verb, line) => {
    const { exitCode, stderr, stdout, seen } = await run([verb, '.']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe('');
    expect(stderr.endsWith(line)).toBe(true);
    expect(seen.planned[0]?.userBuild.context).toBe(directory);
  });

  it.each(['restore', 'save'] as const)('%s prints its report as JSON', async (verb) => {
    const { stdout } = await run([verb, '--format=json', '.']);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ schemaVersion: 1, [verb]: verb === 'save' ? SAVE : RESTORE });
  });

  it('takes the flags that decide the mounts, and no others', async () => {
    await writeFile(join(directory, 'Other'), DOCKERFILE);
    const words = [
      '--target',
      'build',
      '--build-arg',
      'A=1',
      '-f',
      join(directory, 'Other'),
      '--platform',
      'linux/arm64',
      '.',
    ];
    const { seen } = await run(['restore', ...words]);
    expect(seen.planned[0]?.userBuild).toMatchObject({
      target: 'build',
      buildArgs: ['A=1'],
      platforms: ['linux/arm64'],
      passthrough: [],
    });
    expect((await run(['restore', '--push', '.'])).exitCode).toBe(2);
  });

  it('fails only when strict', async () => {
    const report = { restore: { ...RESTORE, state: 'failed' as const } };
    expect((await run(['restore', '.'], { report })).exitCode).toBe(0);
    expect((await run(['restore', '--strict-cache', '.'], { report })).exitCode).toBe(3);
  });
});

describe('slipway audit', () => {
  const cached = 'ab'.repeat(32);
  const rebuilt = 'cd'.repeat(32);
  const found: Partial<AuditReport> = {
    verdict: 'differs',
    differences: [
      { path: 'bin/app', change: 'content', warm: 'sha256:1', cold: 'sha256:2', isReproducible: true },
      { path: 'date', change: 'only-warm', warm: 'sha256:3', isReproducible: false },
    ],
    actions: [{ action: 'ef'.repeat(32), package: 'example.com/app', cached, rebuilt, isReproducible: true }],
  };

  it('says what was restored, compared and checked', async () => {
    const { exitCode, stdout, stderr } = await run(['audit', '.']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        'audit      the same: what the store gives is what a cold build gives',
        'restored   16 packs, 27.0 MB: 5,334 entries with 3,000 actions and 1,190 compiled packages, from main@3-0a1b2c3d',
        'used       1 restored action by the warm build',
        'compared   2 paths of the result; 2,990 restored actions checked by Go, 3,000 done by the cold build too',
        'builds     warm 10.0 s, cold 3 min 40 s, verify 3 min 45 s',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('slipway: engine: fake\nslipway: at work\n');
  });

  it('names each difference, and says of which the cache is innocent', async () => {
    const { exitCode, stdout } = await run(['audit', '.'], { audit: found });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^audit {6}DIFFERENT: /);
    expect(stdout).toContain('file       /bin/app: warm sha256:1, cold sha256:2\n');
    expect(stdout).toContain('file       /date: only in the warm build (cold builds differ here too)\n');
    expect(stdout).toContain(
      'cache      package example.com/app, action efefefefefef…: output abababababab… cached, cdcdcdcdcdcd… rebuilt\n',
    );
  });

  it('shows no name that a terminal or a runner would obey', async () => {
    const path = 'a\u001b[2Jb\r\n::warning::c';
    const differences = [{ path, change: 'only-warm', warm: '\u001b]0;x\u0007', isReproducible: true }] as const;
    const { stdout } = await run(['audit', '.'], { audit: { verdict: 'differs', differences } });
    expect(stdout).toContain('file       /ab::warning::c: only in the warm build\n');
  });

  it('proves nothing where the build is not reproducible, with a code of its own', async () => {
    const { exitCode, stdout } = await run(['audit', '.'], { audit: { verdict: 'irreproducible' } });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('-trimpath');
    const fail = (): never => {
      throw new SlipwayError('AUDIT_IMPOSSIBLE', 'nothing was restored');
    };
    expect((await run(['audit', '.'], { fail })).exitCode).toBe(3);
  });

  it('says that the warm build failed', async () => {
    const builds = AUDIT.builds.map((each) => (each.name === 'warm' ? { ...each, exitCode: 1 } : each));
    const { stdout } = await run(['audit', '.'], { audit: { verdict: 'differs', builds } });
    expect(stdout).toMatch(/^warm {7}the build over what was restored failed/m);
  });

  it('prints a report that fits its schema with --format json', async () => {
    const { exitCode, stdout } = await run(['audit', '--format', 'json', '.'], { audit: found });
    expect(exitCode).toBe(1);
    expect(auditSchema.parse(JSON.parse(stdout))).toEqual({ ...AUDIT, ...found });
  });

  it('takes what decides the build, and only reads, whether it pays or not', async () => {
    const words = [
      '--target',
      'build',
      '--build-arg',
      'A=1',
      '--network',
      'host',
      '--secret',
      'id=x',
      '--scope',
      'dev',
    ];
    const { seen } = await run(['audit', ...words, '.']);
    const [context] = seen.contexts;
    expect(context?.options).toMatchObject({ isReadOnly: true, isGuarded: false, scopes: { write: 'dev' } });
    expect(seen.planned[0]?.userBuild).toMatchObject({
      target: 'build',
      buildArgs: ['A=1'],
      secrets: ['id=x'],
      passthrough: ['--network', 'host'],
      outputs: [],
    });
    expect(seen.disposed).toBe(1);
  });

  it.each([['--push'], ['--output', 'x'], ['--no-save'], ['--no-cache'], ['--platform', 'linux/amd64,linux/arm64']])(
    'refuses %s',
    async (...words) => {
      const { exitCode, seen } = await run(['audit', ...words, '.']);
      expect(exitCode).toBe(2);
      expect(seen.contexts).toEqual([]);
    },
  );

  it('prints the plan and does nothing with --dry-run', async () => {
    const { exitCode, stdout, seen } = await run(['audit', '--dry-run', '.']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('writes nothing');
    expect(seen.contexts).toEqual([]);
  });
});

describe('commands', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j is the help', async (words) => {
    const { exitCode, stdout } = await run(words);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: slipway COMMAND');
  });

  it('config show says what this run reads and writes, and why', async () => {
    const env = { CI: 'true' };
    const { stdout } = await run(['config', 'show'], { env });
    expect(stdout).toMatch(/^scopes: writes nothing, reads ci \(`HEAD`\): this CI .* does not say what started/m);
    expect(stdout).toMatch(/^trust: all that is stored$/m);
    const json = JSON.parse((await run(['config', 'show', '--format', 'json'], { env })).stdout) as object;
    expect(json).toMatchObject({
      scopes: { write: null, read: ['ci'], readOnlyReason: expect.stringContaining('does not say') },
      trust: { value: 'all', reason: null },
    });
    const lifted = await run(['config', 'show', '--read-only=false', '--trust', 'modules'], { env });
    expect(lifted.stdout).toMatch(/^scopes: writes ci, reads ci \(`HEAD`\)$/m);
    expect(lifted.stdout).toMatch(/^trust: modules only$/m);
  });

  it.each([['build'], ['restore'], ['save'], ['audit'], ['cache'], ['config']])(
    '%s --help has flags and examples',
    async (name) => {
      const { stdout, exitCode } = await run([name, '-h']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(new RegExp(`^[^]+\n\nUsage: slipway ${name}[^]+--[^]+Examples:\n  [^]*slipway ${name}`));
      expect((await run(['help', name])).stdout).toBe(stdout);
    },
  );

  it.each([
    [['biuld', '.'], 'unknown command `biuld`', 'Did you mean `slipway build`?'],
    [['frobnicate'], 'unknown command `frobnicate`', 'See `slipway --help`.'],
    [['--debug', 'build', '.'], "`--debug` can't stand before the command", 'Write the command first'],
    [['build', '--scope', ':pins', '.'], 'the scope `:pins`', undefined],
    [['build', '--stoer', 'x', '.'], 'unknown flag `--stoer`', 'Did you mean `--store`?'],
    [['build'], 'the build context is missing', 'Write the directory'],
    [['config'], 'can only `show`', 'slipway config show'],
    [['config', 'set'], '`set` follows it', 'slipway config show'],
    [['cache'], 'what shall `slipway cache` do?', 'ls|du|check|gc'],
    [['cache', 'lss'], '`slipway cache` has no `lss`', 'Did you mean `slipway cache ls`?'],
    [['cache', 'ls', '--dry-run'], 'changes nothing', undefined],
    [['cache', 'ls', 'x'], '`x` after `slipway cache ls`', undefined],
  ])('%j is exit code 2', async (words, message, hint) => {
    const { exitCode, stdout, stderr } = await run(words);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toContain('[USAGE]');
    if (hint !== undefined) expect(stderr).toContain(hint);
  });
});
