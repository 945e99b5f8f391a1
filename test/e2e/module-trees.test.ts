import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { willsOf } from '../helpers/left-overs.ts';
import { startModuleProxy, type ModuleProxy } from '../helpers/module-proxy.ts';
import { buildWarm, makeCacheHome } from '../helpers/run-slipway.ts';
import { logOfPlainBuild } from '../helpers/plain-build.ts';
import { SLICE_SEED, seededSample, seededSlice } from '../helpers/seeded-slice.ts';
import { SUITE_SIZE } from '../helpers/suite-size.ts';
import {
  DEEP,
  FORK,
  LIB,
  LIB_NEXT,
  mainOf,
  NATIVE,
  TREE_MODULES,
  writeTreeApp,
  type TreeApp,
} from '../helpers/tree-world.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

let directory: string;
let home: string;
let worker: Worker;
let proxy: ModuleProxy;
let fresh = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-trees-'));
  home = await makeCacheHome();
  proxy = await startModuleProxy(...TREE_MODULES);
  worker = await startGoWorker();
  const seeded = await build('seed', { mounts: freshMounts() });
  expect(seeded.report.save.state, seeded.log).toBe('saved');
  expect(seeded.zips).toEqual(['deep.example', 'lib.example']);
});

afterAll(async () => {
  await worker?.stop();
  await proxy?.[Symbol.asyncDispose]();
  for (const each of [directory, home]) await rm(each, { recursive: true, force: true });
});

/** Mounts that no build has used: as on a worker that has never seen the code. */
function freshMounts(): readonly string[] {
  fresh += 1;
  return ['go-cache', 'gomod-cache'].map((name) => `--mount=type=cache,target=/${name},id=${name}-${fresh}`);
}

interface Watching {
  readonly onStart?: (pid: number) => void;
  readonly onStderr?: (text: string) => void;
}

/** Builds the program in mounts of its own, unless told which, and answers whose zips Go asked the proxy for. */
async function build(name: string, app: Partial<TreeApp> = {}, flags: readonly string[] = [], watching: Watching = {}) {
  const asked = proxy.requests.length;
  const mounts = app.mounts ?? freshMounts();
  const context = await writeTreeApp(path.join(directory, name), { proxy: proxy.url, ...app, mounts });
  const store = `type=local,dest=${path.join(directory, 'store')}`;
  const scope = flags.includes('--scope') ? [] : ['--scope', 'main'];
  const { report, run } = await buildWarm(['--modules', 'trees', '--store', store, ...scope, ...flags, context], {
    env: { ...worker.env, XDG_CACHE_HOME: home, SLIPWAY_TRUST: 'all' },
    ...watching,
  });
  const zips = proxy.requests.slice(asked).filter((url) => url.endsWith('.zip'));
  return {
    report,
    log: run.stderr,
    said: /SAID (.*)/.exec(run.stderr)?.[1],
    zips: [...new Set(zips.map((url) => url.split('/')[1]))].sort(),
    exitCode: report.buildExitCode,
  };
}

interface Case {
  readonly app: Partial<TreeApp>;
  readonly said: string;
  /** Hosts of the modules whose zips Go fetched: those that didn't come as trees. */
  readonly zips: readonly string[];
  readonly isRunTwice?: boolean;
}

const BUILD = 'go build -o /out/app . && /out/app';

/** What a build that finds the trees of the seed may be. All of them must end well, and as they would on a cold builder. */
const CASES: Readonly<Record<string, Case>> = {
  'the same build': { app: {}, said: 'used one', zips: [] },
  'an edit': { app: { files: { 'other.go': 'package main\n\nvar _ = 1\n' } }, said: 'used one', zips: [] },
  'an import of another package of a stored module': {
    app: { files: { 'main.go': mainOf('used', 'other') } },
    said: 'used one other two',
    zips: ['deep.example', 'lib.example'],
  },
  'a direct import of a package that was not stored': {
    app: { files: { 'main.go': mainOf('used', 'deep.example/Deep/three') } },
    said: 'used one three',
    zips: ['deep.example'],
  },
  'a dependency bump whose new version needs more of a stored module': {
    app: { lib: LIB_NEXT },
    said: 'used two',
    zips: ['deep.example', 'lib.example'],
    isRunTwice: true,
  },
  'a tool that go.mod names': {
    app: {
      goModExtra: 'tool lib.example/lib/cmd/gen\n',
      compile: `mkdir -p /out && go tool gen > /out/made.go && ${BUILD}`,
    },
    said: 'used one',
    zips: ['lib.example'],
  },
  'a tool that only the RUN names': {
    app: { compile: `mkdir -p /out && go run lib.example/lib/cmd/gen > /out/made.go && ${BUILD}` },
    said: 'used one',
    zips: ['lib.example'],
    isRunTwice: true,
  },
  'code that the RUN generates': {
    app: {
      compile: `printf 'package main\\nimport _ "lib.example/lib/other"\\n' > made.go && ${BUILD}`,
    },
    said: 'used one',
    zips: ['deep.example', 'lib.example'],
    isRunTwice: true,
  },
  'an import behind a build tag': {
    app: {
      files: { 'tagged.go': '//go:build special\n\npackage main\n\nimport _ "lib.example/lib/tagged"\n' },
      compile: 'go build -tags=special -o /out/app . && /out/app',
    },
    said: 'used one',
    zips: ['lib.example'],
  },
  'another system': {
    app: { compile: `GOOS=windows go build -o /out/app.exe . && ${BUILD}` },
    said: 'used one',
    zips: [],
  },
  'a replacement by another module': {
    app: {
      lib: FORK,
      files: {
        'go.mod':
          'module app.example/app\n\ngo 1.26\n\nrequire lib.example/lib v1.0.0\nrequire deep.example/Deep v1.0.0\nreplace lib.example/lib => fork.example/fork v1.0.0\n',
      },
    },
    said: 'fork one',
    // What the replacement imports isn't known yet.
    zips: ['deep.example', 'fork.example'],
  },
  'a replacement by a directory': {
    app: {
      files: {
        'go.mod':
          'module app.example/app\n\ngo 1.26\n\nrequire lib.example/lib v1.0.0\nrequire deep.example/Deep v1.0.0\nreplace lib.example/lib => ./lib\n',
        'lib/go.mod': 'module lib.example/lib\n\ngo 1.26\n',
        'lib/used/used.go':
          'package used\n\nimport "deep.example/Deep/one"\n\nfunc Say() string { return "local " + one.Say() }\n',
      },
    },
    said: 'local one',
    zips: [],
  },
  'a workspace': {
    app: {
      files: {
        'go.work': 'go 1.26\n\nuse .\nuse ./second\n',
        'second/go.mod': 'module app.example/second\n\ngo 1.26\n\nrequire deep.example/Deep v1.0.0\n',
        'second/second.go':
          'package second\n\nimport "deep.example/Deep/one"\n\nfunc Say() string { return "second " + one.Say() }\n',
        'main.go': mainOf('used', 'app.example/second'),
      },
    },
    said: 'used one second one',
    zips: [],
  },
  'a vendored program': {
    app: {
      files: {
        'vendor/modules.txt':
          '# deep.example/Deep v1.0.0\n## explicit; go 1.26\ndeep.example/Deep/one\n# lib.example/lib v1.0.0\n## explicit; go 1.26\nlib.example/lib/used\n',
        'vendor/deep.example/Deep/one/one.go': DEEP.files['one/one.go'] ?? '',
        'vendor/lib.example/lib/used/used.go': LIB.files['used/used.go'] ?? '',
      },
    },
    said: 'used one',
    zips: [],
  },
  'go vet and go test': {
    app: {
      files: { 'main_test.go': 'package main\n\nimport "testing"\n\nfunc TestIt(t *testing.T) {}\n' },
      compile: `go vet ./... && go test ./... && go list -m all && go version -m /out/app 2> /dev/null; ${BUILD}`,
    },
    said: 'used one',
    zips: [],
  },
  'go mod verify': {
    app: { compile: `go mod verify && ${BUILD}` },
    said: 'used one',
    zips: ['deep.example', 'lib.example'],
  },
  'go mod verify in a script': {
    app: { files: { 'check.sh': 'go mod verify\n' }, compile: `sh ./check.sh && ${BUILD}` },
    said: 'used one',
    zips: ['deep.example', 'lib.example'],
  },
  'go mod verify in a script that the RUN writes': {
    app: { compile: `echo go mod verify > made.sh && sh ./made.sh && ${BUILD}` },
    said: 'used one',
    zips: ['deep.example', 'lib.example'],
    isRunTwice: true,
  },
  'a make target with -mod=mod': {
    app: { files: { Makefile: 'app:\n\tgo build -mod=mod -o /out/app .\n' }, compile: 'make app && /out/app' },
    said: 'used one',
    zips: ['deep.example', 'lib.example'],
  },
  'go mod download in a script': {
    app: { files: { 'fetch.sh': 'go mod download\n' }, compile: `sh ./fetch.sh && ${BUILD}` },
    said: 'used one',
    zips: ['deep.example', 'lib.example'],
  },
  'busybox alone': { app: { from: 'golang:1.26-alpine' }, said: 'used one', zips: [] },
};

const NAMES = Object.keys(CASES);

describe(`a fresh worker with trees (seed ${SLICE_SEED})`, () => {
  it.each(seededSlice(NAMES, 2))('builds %s', async (name) => {
    const { app, said, zips, isRunTwice = false } = CASES[name] as Case;
    const done = await build('case', app, ['--no-save']);
    expect(done.exitCode, done.log).toBe(0);
    expect(done.report.restore.state, done.log).toBe('restored');
    expect(done.said, done.log).toBe(said);
    expect(done.zips, done.log).toEqual(zips);
    expect(done.log.includes('it runs once more'), done.log).toBe(isRunTwice);
  });

  it('does not run a build twice that is broken by itself', async () => {
    const done = await build('broken', {
      files: { 'main.go': mainOf('used').replace('used.Say()', 'used.Nothing()') },
    });
    expect(done.exitCode).not.toBe(0);
    expect(done.log).toContain('undefined: used.Nothing');
    expect(done.log).not.toContain('it runs once more');
  });
});

/** One of the longer stories in CI. */
const STORIES = seededSample(['plain', 'waiting', 'again', 'save', 'move', 'at once', 'killed', 'alone'], 1);

describe('what is left in the builder', () => {
  it.runIf(STORIES.includes('plain'))(
    'lets a plain build find every package, though the build with trees wrote down what modules hold',
    async () => {
      const mounts = freshMounts();
      // Without a build cache, Go writes its index of each module anew: of half a module, here.
      const first = await build('left', { mounts }, ['--trust', 'modules', '--no-save']);
      expect(first.zips, first.log).toEqual([]);
      const app = await writeTreeApp(path.join(directory, 'left'), {
        proxy: proxy.url,
        mounts,
        files: { 'main.go': mainOf('used', 'other', 'web') },
      });
      expect(await logOfPlainBuild(worker, app)).toContain('SAID used one other two page');
    },
  );

  it.runIf(STORIES.includes('waiting'))('is no process that waits for the end of the run', async () => {
    let during: readonly string[] = [];
    const compile = `${BUILD} && sleep 2`;
    const done = await build('waiting', { compile }, ['--no-save'], {
      onStderr: (text) => {
        if (text.includes('SAID')) void willsOf(home).then((wills) => (during = wills));
      },
    });
    expect(done.exitCode, done.log).toBe(0);
    expect(during).toHaveLength(1);
    expect(await willsOf(home)).toEqual([]);
  });

  it.runIf(STORIES.includes('again'))('is taken up by the next build there', async () => {
    const mounts = freshMounts();
    for (const name of ['first', 'second']) {
      const done = await build('again', { mounts, files: { 'x.go': `package main\n\n// ${name}\n` } }, ['--no-save']);
      expect(done.said, done.log).toBe('used one');
      expect(done.zips, done.log).toEqual([]);
    }
  });
});

describe('a save', () => {
  it.runIf(STORIES.includes('save'))(
    'adds the directories that a build needs more, embedded files among them, and the next worker has them',
    async () => {
      const files = { 'main.go': mainOf('used', 'web', 'other') };
      await build('more', {}, ['--scope', 'more']);
      const first = await build('more', { files }, ['--scope', 'more']);
      expect(first.zips, first.log).toEqual(['deep.example', 'lib.example']);
      expect(first.report.save.state, first.log).toBe('saved');
      const second = await build('more', { files }, ['--scope', 'more', '--no-save']);
      expect(second.said, second.log).toBe('used one page other two');
      expect(second.zips, second.log).toEqual([]);
    },
  );
});

describe('runs in the same mounts', () => {
  const waitFor = (file: string): string => `until [ -e /gomod-cache/${file} ]; do sleep 0.2; done`;
  const plain = async (name: string, app: Partial<TreeApp>): Promise<string> =>
    logOfPlainBuild(worker, await writeTreeApp(path.join(directory, name), { proxy: proxy.url, ...app }));

  it.runIf(STORIES.includes('at once'))('at once keep their trees until the last one ends', async () => {
    const mounts = freshMounts();
    const long = {
      mounts,
      // Another package than before, so that Go looks into the directories once more.
      compile: `touch /gomod-cache/begun && ${BUILD} && ${waitFor('over')} && go vet . && go build -tags=again -a -o /out/app . && /out/app`,
    };
    const short = { mounts, compile: `${waitFor('begun')} && ${BUILD}` };
    const both = [build('long', long, ['--no-save']), build('short', short)] as const;
    const second = await both[1];
    await plain('go-on', { mounts, compile: 'touch /gomod-cache/over' });
    const first = await both[0];
    for (const { exitCode, log, said, zips } of [first, second]) {
      expect(exitCode, log).toBe(0);
      expect(said, log).toBe('used one');
      expect(zips, log).toEqual([]);
      expect(log).not.toContain('it runs once more');
    }
    const log = await plain('after', { mounts, files: { 'main.go': mainOf('used', 'other') } });
    expect(log).toContain('SAID used one other two');
  });

  /** Ends a build by a signal, when its trees are open and Go has read them. */
  const endBy = async (name: NodeJS.Signals, mounts: readonly string[]): Promise<void> => {
    let pid = 0;
    const ended = build('ended', { mounts, compile: `${BUILD} && sleep 600` }, [], {
      onStart: (started) => void (pid = started),
      onStderr: (text) => {
        if (text.includes('SAID used one')) process.kill(pid, name);
      },
    });
    await expect(ended).rejects.toThrow('slipway said nothing');
  };
  const more = { 'main.go': mainOf('used', 'other') };

  const untilNoWillIsLeft = async (seconds: number): Promise<void> => {
    const end = performance.now() + seconds * 1000;
    while ((await willsOf(home)).length > 0 && performance.now() < end) await new Promise((go) => setTimeout(go, 100));
    expect(await willsOf(home)).toEqual([]);
  };

  it.runIf(STORIES.includes('killed'))('behind a killed one find no half modules', async () => {
    const mounts = freshMounts();
    await endBy('SIGKILL', mounts);
    const next = await build('next', { mounts, files: more }, ['--no-save']);
    expect(next.exitCode, next.log).toBe(0);
    expect(next.said, next.log).toBe('used one other two');
    expect(next.log).not.toContain('it runs once more');
  });

  it.runIf(STORIES.includes('alone')).each(['shared', 'locked'])(
    'behind a killed one may be plain builds a little later, no slipway between (sharing=%s)',
    async (sharing) => {
      const mounts = freshMounts().map((flag) => `${flag},sharing=${sharing}`);
      await endBy('SIGKILL', mounts);
      await untilNoWillIsLeft(60);
      // Of the killed run, whose step would wait for ten minutes more, nothing is left that has the mounts.
      expect(await plain('after', { mounts, files: more })).toContain('SAID used one other two');
    },
  );

  // An interrupted run has five seconds, which a slow machine needs for other things.
  it.skipIf(SUITE_SIZE === 'slice')('behind an interrupted one may be plain builds at once', async () => {
    const mounts = freshMounts();
    await endBy('SIGTERM', mounts);
    await untilNoWillIsLeft(2);
    expect(await plain('after', { mounts, files: more })).toContain('SAID used one other two');
  });
});

describe('a scope', () => {
  it.runIf(STORIES.includes('move'))(
    'that holds zips gets trees in their place by a build that finds the zips',
    async () => {
      const zips = await build('move', {}, ['--scope', 'move', '--modules', 'zips']);
      expect(zips.report.save.state, zips.log).toBe('saved');
      const trees = await build('move', {}, ['--scope', 'move']);
      expect(trees.zips, trees.log).toEqual([]);
      expect(trees.report.save.state, trees.log).toBe('saved');
      // The zips were looked at, and no save wants them again.
      const again = await build('move', {}, ['--scope', 'move']);
      expect(again.report.save.bytesByKind?.gomodcache ?? 0, again.log).toBe(0);
      const compile = `echo "ZIPS $(find /gomod-cache -name '*.zip' | wc -l)" && ${BUILD}`;
      const third = await build('move', { compile }, ['--scope', 'move', '--no-save']);
      expect(third.zips, third.log).toEqual([]);
      expect(third.log).toContain('ZIPS 0');
      expect(third.said).toBe('used one');
    },
  );

  it.skipIf(SUITE_SIZE === 'slice')('has the whole of a module that uses cgo', async () => {
    const app: Partial<TreeApp> = {
      from: 'golang:1.26-bookworm',
      env: 'CGO_ENABLED=1',
      files: {
        'go.mod': 'module app.example/app\n\ngo 1.26\n\nrequire native.example/native v1.0.0\n',
        'main.go': mainOf('native.example/native/bind'),
      },
      sums: [NATIVE],
    };
    const first = await build('cgo', app, ['--scope', 'cgo']);
    expect(first.report.save.state, first.log).toBe('saved');
    // Without the build cache the package is compiled anew, from the tree.
    const second = await build('cgo', app, ['--scope', 'cgo', '--trust', 'modules', '--no-save']);
    expect(second.said, second.log).toBe('native');
    expect(second.zips, second.log).toEqual([]);
  });
});
