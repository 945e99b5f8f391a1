import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/cli/run/report.ts';
import { readOptional } from '../../src/core/read-optional.ts';
import { forgePack, forgeRawPack, readContents, storeForged, type ForgedPack } from '../helpers/faulty-store.ts';
import { editOne, type HostMachine, newHostMachine, ROPE, writeHostApp } from '../helpers/host-app.ts';
import { startModuleProxy } from '../helpers/module-proxy.ts';
import { compiledPackages, runSlipway, type SlipwayRun } from '../helpers/run-slipway.ts';
import { seededSlice } from '../helpers/seeded-slice.ts';

/** Two go commands, the second of which needs a package that the first one has no use for. */
const BUILD_BOTH = ['sh', '-c', 'go build -v -o /dev/null ./cmd/one && go build -v -o /dev/null ./cmd/two'];

let directory: string;
let store: string;
let first: { readonly app: string; readonly run: SlipwayRun; readonly report: RunReport };

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-host-'));
  store = `type=local,dest=${path.join(directory, 'store')}`;
  await using proxy = await startModuleProxy(ROPE);
  const app = await writeHostApp(path.join(directory, 'app'));
  const machine = await newHostMachine(directory, proxy.url);
  first = { app, ...(await runReported(machine, [], BUILD_BOTH, app)) };
}, 300_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

async function runReported(machine: HostMachine, flags: readonly string[], words: readonly string[], cwd: string) {
  const file = path.join(machine.home, 'report.json');
  const run = await machine.run(['--store', store, '--report', file, ...flags], words, { cwd });
  return { run, report: JSON.parse((await readOptional(file)) || '{}') as RunReport };
}

async function filesBelow(place: string): Promise<readonly string[]> {
  const found = await readdir(place, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)));
}

describe('a machine that has never seen the code', () => {
  it('is served by what another one saved: both directories, the edited package compiled alone, in every go command', async () => {
    expect(first.run.exitCode, first.run.stderr).toBe(0);
    expect(compiledPackages(first.run.stderr)).toEqual(expect.arrayContaining(['runtime', 'example.com/rope']));
    expect(first.report.groups, first.run.stderr).toMatchObject([
      { restore: { state: 'nothing-stored' }, save: { state: 'saved' } },
    ]);
    const app = await writeHostApp(path.join(directory, 'another place'));
    await editOne(app);
    const machine = await newHostMachine(directory);
    const { run, report } = await runReported(machine, [], BUILD_BOTH, app);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(compiledPackages(run.stderr)).toEqual(['example.com/ferry/cmd/one']);
    const [group] = report.groups;
    expect(group?.mounts).toEqual([
      { kind: 'gocache', id: 'host', target: machine.gocache },
      { kind: 'gomodcache', id: 'host', target: machine.gomodcache },
    ]);
    expect(group?.restore.state).toBe('restored');
    expect(group?.save).toMatchObject({ state: 'saved', entriesRejected: 0, warnings: [] });
    // The package, and what go notes of each directory.
    expect(group?.save.entriesNew).toBeLessThan(20);
    expect(group?.save.entriesUsed).toBeGreaterThan(20);
    expect(run.stderr).toMatch(/slipway: [\d.]+ kB down|slipway: [\d.]+ MB down/);
    // Nothing of what was half written is left.
    const names = await filesBelow(machine.gocache);
    expect(names.filter((name) => name.includes('stage-'))).toEqual([]);
  });

  it('is not asked again once it is warm', async () => {
    const machine = await newHostMachine(directory);
    await runReported(machine, ['--no-save'], ['true'], first.app);
    const before = await filesBelow(machine.gocache);
    const { report } = await runReported(machine, [], ['true'], first.app);
    expect(report.groups).toMatchObject([{ restore: { state: 'already-warm' }, save: { state: 'nothing-new' } }]);
    expect(await filesBelow(machine.gocache)).toEqual(before);
    // trim.txt is Go's own.
    expect(before).not.toContain('trim.txt');
  });

  it('gets compiled packages by GOCACHEPROG, and modules as files, with `--gocacheprog`', async () => {
    const machine = await newHostMachine(directory);
    const words = ['sh', '-c', 'go build -v -o /dev/null ./cmd/two'];
    const { run, report } = await runReported(machine, ['--gocacheprog', '--cache-timeout', '20'], words, first.app);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(report.groups[0]?.mounts.map(({ kind }) => kind)).toEqual(['gomodcache']);
    const log = await readFile(path.join(machine.home, 'xdg/slipway/gocacheprog/log'), 'utf8');
    expect(log).toMatch(/[1-9]\d* of \d+ gets were hits/);
    const names = await readdir(machine.gocache, { recursive: true }).catch(() => []);
    expect(names.filter((name) => /-[ad]$/.test(name))).toEqual([]);
  });
});

describe('what a machine held before', () => {
  it('is neither replaced nor saved', async () => {
    const machine = await newHostMachine(directory);
    const foreign = entryOf('the work of another program');
    const stored = [...(await readContents(path.join(directory, 'store'), 'main')).gocache.keys()];
    const shared = stored.find((name) => name.endsWith('-d')) ?? '';
    const tenMinutesAgo = new Date(Date.now() - 600_000);
    for (const [name, body] of [foreign, [shared, Buffer.from('what was there before')] as const]) {
      await mkdir(path.dirname(path.join(machine.gocache, name)), { recursive: true });
      await writeFile(path.join(machine.gocache, name), body);
      await utimes(path.join(machine.gocache, name), tenMinutesAgo, tenMinutesAgo);
    }
    const { report } = await runReported(machine, [], ['true'], first.app);
    expect(report.groups).toMatchObject([{ restore: { state: 'restored' }, save: { state: 'nothing-new' } }]);
    expect(await readFile(path.join(machine.gocache, shared), 'utf8')).toBe('what was there before');
    expect(await readFile(path.join(machine.gocache, foreign[0]))).toEqual(foreign[1]);
  });
});

describe('a hostile store', () => {
  const sound = entryOf('sound');
  const listed = [{ path: sound[0], sizeBytes: sound[1].length }];
  const evil = Buffer.from('evil');

  const forgeries: readonly (readonly [string, () => Promise<ForgedPack> | ForgedPack])[] = [
    ['a name that leads out', () => forgeRawPack('gocache', [{ name: 'gocache/../../evil', content: evil }], listed)],
    ['an absolute name', () => forgeRawPack('gocache', [{ name: '/tmp/slipway-evil', content: evil }], listed)],
    [
      'a link, and a file behind it',
      () =>
        forgeRawPack(
          'gocache',
          [
            { name: `gocache/${sound[0].slice(0, 2)}`, type: '2', link: '../outside' },
            { name: `gocache/${sound[0]}`, content: sound[1] },
          ],
          listed,
        ),
    ],
    ['content that does not hash to its name', () => forgePack('gocache', new Map([[sound[0], evil]]))],
  ];

  it.each(seededSlice(forgeries, 2))('is refused for %s, alone, and the command runs', async (_, forge) => {
    const machine = await newHostMachine(directory);
    const outside = path.join(machine.home, 'outside');
    await mkdir(outside);
    const other = entryOf('another sound one');
    const forged = path.join(machine.home, 'forged');
    await storeForged(forged, [await forge(), await forgePack('gocache', new Map([other]))]);
    const run = await machine.run(['--store', `type=local,dest=${forged}`, '--read-only'], ['echo', 'ran'], {
      cwd: first.app,
    });
    expect(run).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
    expect(run.stderr).toMatch(/warning: pack sha256:\w+… is refused: /);
    expect((await filesBelow(machine.gocache)).filter((name) => !name.startsWith('.slipway'))).toEqual([other[0]]);
    expect(await readdir(outside)).toEqual([]);
    expect((await filesBelow(machine.home)).filter((name) => path.basename(name) === 'evil')).toEqual([]);
  });

  it('brings no module that the go.sum does not list', async () => {
    const machine = await newHostMachine(directory);
    const forged = path.join(machine.home, 'forged');
    const info = Buffer.from('{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}');
    const name = 'cache/download/example.com/evil/@v/v1.0.0.info';
    await storeForged(forged, [await forgePack('gomodcache', new Map([[name, info]]))]);
    const run = await machine.run(['--store', `type=local,dest=${forged}`], ['true'], { cwd: first.app });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(await filesBelow(machine.gomodcache)).toEqual([]);
  });
});

describe('links in the cache directories', () => {
  it('are not followed inside of them: nothing is written outside, the command runs', async () => {
    const machine = await newHostMachine(directory);
    const outside = path.join(machine.home, 'outside');
    await mkdir(outside);
    await mkdir(machine.gocache);
    const [stored = ''] = (await readContents(path.join(directory, 'store'), 'main')).gocache.keys();
    await symlink(outside, path.join(machine.gocache, stored.slice(0, 2)));
    const { run, report } = await runReported(machine, [], ['echo', 'ran'], first.app);
    expect(run).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
    expect(run.stderr).toMatch(/warning: the cache could not be restored.*is a link or no plain file/);
    expect(report.groups).toMatchObject([{ restore: { state: 'failed' }, save: { state: 'failed' } }]);
    expect(await readdir(outside)).toEqual([]);
    const strict = await runReported(machine, ['--strict-cache'], ['echo', 'ran'], first.app);
    expect(strict.run).toMatchObject({ exitCode: 3, stdout: '' });
  });

  it('count where the whole directory is one, as they do for go', async () => {
    const machine = await newHostMachine(directory);
    const elsewhere = path.join(machine.home, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, machine.gocache);
    const { report } = await runReported(machine, [], ['true'], first.app);
    expect(report.groups).toMatchObject([{ mounts: [{ target: elsewhere }, {}], restore: { state: 'restored' } }]);
    expect((await filesBelow(elsewhere)).length).toBeGreaterThan(20);
  });
});

describe('whatever the cache does', () => {
  it('a dead store costs one line, and only --strict-cache fails', async () => {
    const machine = await newHostMachine(directory);
    const dead = ['--store', 'type=registry,ref=127.0.0.1:1/cache'];
    const run = await machine.run(dead, ['sh', '-c', 'echo out; exit 7'], { cwd: first.app });
    expect(run).toMatchObject({ exitCode: 7, stdout: 'out\n' });
    expect(run.stderr.match(/warning: the cache could not be restored/g)).toHaveLength(1);
    const strict = await machine.run([...dead, '--strict-cache'], ['echo', 'out'], { cwd: first.app });
    expect(strict).toMatchObject({ exitCode: 3, stdout: '' });
  });

  it('a command that fails saves nothing, and its exit code is ours', async () => {
    const machine = await newHostMachine(directory);
    const { run, report } = await runReported(machine, [], ['sh', '-c', 'exit 9'], first.app);
    expect(run.exitCode).toBe(9);
    expect(report).toMatchObject({
      exitCode: 9,
      groups: [{ save: { state: 'skipped', reason: 'the command failed' } }],
    });
  });

  it('a signal goes to the command first', async () => {
    const machine = await newHostMachine(directory);
    const script = "trap 'echo told; exit 0' TERM; echo ready >&2; while :; do sleep 0.1; done";
    let pid = 0;
    const run = await machine.run(['--store', store], ['sh', '-c', script], {
      cwd: first.app,
      onStart: (started) => {
        pid = started;
      },
      onStderr: (text) => {
        if (text.includes('ready')) process.kill(pid, 'SIGTERM');
      },
    });
    expect(run).toMatchObject({ exitCode: 143, stdout: 'told\n' });
  });
});

describe('a machine whose Go has no cache to fill', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['no go on PATH', { PATH: '/nowhere' }, /nothing is restored: there is no `go` on PATH/],
    ['GOCACHE=off', { GOCACHE: 'off' }, /compiled packages are not restored: GOCACHE is `off`/],
    ['a GOCACHE that cannot be made', { GOCACHE: '/dev/null/cache' }, /can't be written \(ENOTDIR\)/],
    ['GOCACHEPROG set', { GOCACHEPROG: 'other-helper' }, /go asks the program of GOCACHEPROG/],
  ];

  it.each(seededSlice(cases, 2))('%s: one line says so, and the command runs', async (_, env, says) => {
    const machine = await newHostMachine(directory);
    const words = ['/bin/sh', '-c', 'echo ran'];
    const run = await machine.run(['--store', store], words, { cwd: first.app, env });
    expect(run).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
    expect(run.stderr.split('\n').filter((line) => says.test(line))).toHaveLength(1);
  });

  it('is a fault under --strict-cache, before the command runs', async () => {
    const machine = await newHostMachine(directory);
    const env = { GOCACHE: 'off' };
    const run = await machine.run(['--store', store, '--strict-cache'], ['echo', 'ran'], { cwd: first.app, env });
    expect(run).toMatchObject({ exitCode: 3, stdout: '' });
    expect(run.stderr).toContain('[GO_CACHE_UNUSABLE]');
  });

  it('outside of a module, says where modules come from', async () => {
    const machine = await newHostMachine(directory);
    const run = await machine.run(['--store', store], ['true'], { cwd: machine.home });
    expect(run.stderr).toContain('there is no go.mod in this directory or above it');
    expect(await filesBelow(machine.gomodcache)).toEqual([]);
    expect((await filesBelow(machine.gocache)).length).toBeGreaterThan(20);
  });
});

it('words that name an image build are refused, before anything runs', async () => {
  const run = await runSlipway(['run', '--host', '.', '--', 'echo', 'ran'], { cwd: directory });
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain('`.` names an image build');
});

it('--dry-run says what would be filled from where, and makes nothing', async () => {
  const machine = await newHostMachine(directory);
  const { run } = await runReported(machine, ['--dry-run', '--format', 'json'], ['echo', 'ran'], first.app);
  expect(JSON.parse(run.stdout)).toMatchObject({
    caches: [{ kind: 'gocache', directory: machine.gocache }, { kind: 'gomodcache' }],
    restore: { decision: { share: 'all' } },
  });
  expect(await readdir(machine.home)).not.toContain('mod');
});

/** An output of Go's build cache with this content, under its name. */
function entryOf(content: string): readonly [name: string, body: Buffer] {
  const body = Buffer.from(content);
  const hex = createHash('sha256').update(body).digest('hex');
  return [`${hex.slice(0, 2)}/${hex}-d`, body];
}
