import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doctorSchema } from '../../scripts/doctor-schema.ts';
import { CHECKS } from '../../src/doctor/checks.ts';
import type { DoctorDocument } from '../../src/doctor/report.ts';
import { runSlipway, type SlipwayRun } from '../helpers/run-slipway.ts';
import { PROJECT_ROOT, toolPath } from '../helpers/tools.ts';

/** A machine with nothing: no engine, no configuration, no store, an empty home. */
let home: string;
let repository: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-bare-'));
  repository = path.join(home, 'repository');
  await mkdir(path.join(home, 'bin'), { recursive: true });
  await mkdir(repository);
});
afterEach(() => rm(home, { recursive: true, force: true }));

function doctor(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<SlipwayRun> {
  const bare = { HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), PATH: path.join(home, 'bin') };
  return runSlipway(['doctor', ...words], { cwd: repository, env: { ...bare, ...env } });
}

const read = (run: SlipwayRun): DoctorDocument => doctorSchema.parse(JSON.parse(run.stdout));

it('no engine at all: one error says what to install, and each other check goes on', async () => {
  const run = await doctor(['--format', 'json']);
  const { findings, counts } = read(run);
  expect([run.exitCode, run.stderr]).toEqual([1, '']);
  expect(findings.filter(({ level }) => level === 'error')).toEqual([
    {
      check: 'builder',
      level: 'error',
      says: expect.stringMatching(/^no BuildKit found: .*install docker with buildx/),
      mend: 'apt-get install docker.io docker-buildx',
    },
  ]);
  expect(counts).toMatchObject({ error: 1, warning: 0 });
  expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(CHECKS.map(({ id }) => id)));
});

it('docker without a daemon is one error with its own words', async () => {
  await mkdir(path.join(home, '.docker', 'cli-plugins'), { recursive: true });
  await symlink(toolPath('buildx'), path.join(home, 'bin', 'buildx'));
  const env = { DOCKER_HOST: `unix://${home}/docker.sock` };
  const run = await doctor(['--check', 'builder,gc-policy', '--format', 'json'], env);
  const { findings } = read(run);
  expect([run.exitCode, findings.map(({ level }) => level)]).toEqual([1, ['error', 'info']]);
  expect(findings[0]?.says).toContain(`${home}/docker.sock`);
});

it('a named builder that is not there, and a BUILDKIT_HOST that nobody serves', async () => {
  await symlink(toolPath('buildx'), path.join(home, 'bin', 'buildx'));
  const named = read(await doctor(['--check', 'builder', '--builder', 'ci', '--format', 'json']));
  expect(named.findings[0]).toMatchObject({
    level: 'error',
    says: expect.stringContaining('builder `ci` does not answer'),
  });
  await symlink(toolPath('buildctl'), path.join(home, 'bin', 'buildctl'));
  const host = `unix://${home}/none.sock`;
  const remote = read(await doctor(['--check', 'builder', '--format', 'json'], { BUILDKIT_HOST: host }));
  expect(remote.findings).toHaveLength(1);
  expect(remote.findings[0]).toMatchObject({ level: 'error', mend: 'buildctl debug info' });
  expect(remote.findings[0]?.says).toContain(host);
});

it('a builder that accepts and never answers costs ten seconds, and one error', async () => {
  await symlink(toolPath('buildctl'), path.join(home, 'bin', 'buildctl'));
  const socket = path.join(home, 'mute.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    const words = ['--check', 'builder,helper-build,version,gc-policy,disk,config', '--format', 'json'];
    const run = await doctor(words, { BUILDKIT_HOST: `unix://${socket}` });
    expect(run.seconds).toBeLessThan(30);
    const levels = read(run).findings.map(({ check, level }) => `${check} ${level}`);
    expect(levels.filter((each) => each.endsWith('error'))).toEqual(['builder error']);
    expect(levels).toEqual(
      expect.arrayContaining([
        'helper-build info',
        'version info',
        'gc-policy info',
        'disk ok',
        'disk info',
        'config info',
      ]),
    );
  } finally {
    server.close();
  }
});

it.each([
  ['guard: maybe\n', /\.slipway\.yaml:1/],
  ['store: [nonsense]\n', /nonsense/],
  ['a: [\n', /\.slipway\.yaml/],
])('a faulty configuration is one finding: %j', async (text, words) => {
  await writeFile(path.join(repository, '.slipway.yaml'), text);
  const run = await doctor(['--check', 'config,credentials,permissions', '--format', 'json']);
  const errors = read(run).findings.filter(({ level }) => level === 'error');
  expect([run.exitCode, errors.length], run.stdout).toEqual([1, 1]);
  expect(errors[0]).toMatchObject({ check: 'config', says: expect.stringMatching(words) });
});

it('a faulty variable is one too, and a misspelt one a warning', async () => {
  const faulty = read(await doctor(['--check', 'config', '--format', 'json'], { SLIPWAY_GUARD: 'maybe' }));
  expect(faulty.findings.map(({ level }) => level)).toEqual(['error']);
  const misspelt = read(await doctor(['--check', 'config', '--format', 'json'], { SLIPWAY_STOER: 'x' }));
  expect(misspelt.findings[0]).toMatchObject({ level: 'warning', says: expect.stringContaining('SLIPWAY_STOER') });
});

it.each([
  [['--check', 'gc-polcy'], 'Did you mean `gc-policy`?'],
  [['--format', 'xml'], "`--format` can't be `xml`"],
  [['--store', 'nonsense'], 'nonsense'],
  [['nowhere'], '`nowhere` is no directory'],
  [['.', 'more'], '`more` after `.` means nothing'],
  [['--write-buildkitd-toml', 'there.toml'], 'is there already'],
])('wrong usage is exit code 2: %j', async (words, said) => {
  await writeFile(path.join(repository, 'there.toml'), 'mine\n');
  const run = await doctor(words);
  expect([run.exitCode, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toContain(said);
  expect(await readFile(path.join(repository, 'there.toml'), 'utf8')).toBe('mine\n');
});

it('a buildkitd.toml can be had without a builder', async () => {
  const run = await doctor(['--check', 'gc-policy', '--write-buildkitd-toml', 'new.toml']);
  expect([run.exitCode, run.stderr]).toEqual([0, `slipway: wrote ${repository}/new.toml\n`]);
  expect(await readFile(path.join(repository, 'new.toml'), 'utf8')).toContain('[[worker.oci.gcpolicy]]');
});

it('the text has a line for each finding and its command below it', async () => {
  const run = await doctor(['--check', 'builder,no-cache']);
  expect(run.stdout.split('\n')).toEqual([
    expect.stringMatching(/^builder {7}error {4}no BuildKit found/),
    `${' '.repeat(23)}$ apt-get install docker.io docker-buildx`,
    expect.stringMatching(/^no-cache {6}info {5}not looked at: there is no repository here$/),
    '',
    '1 error',
    '',
  ]);
});

describe('a user who is not root', () => {
  /** `nobody`, without groups. */
  const NOBODY = 65_534;
  const asNobody = async (words: readonly string[], env: Readonly<Record<string, string>>): Promise<DoctorDocument> => {
    const program = [process.execPath, path.join(PROJECT_ROOT, 'src/cli/main.ts'), 'doctor', '--format', 'json'];
    const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const { stdout } = await promisify(execFile)(toolPath('setpriv'), [...drop, ...program, ...words], {
      cwd: repository,
      env: { PATH: path.join(home, 'bin'), HOME: home, ...env },
    }).catch((error: { stdout?: string; stderr?: string }) => {
      if (!error.stdout) throw error;
      return { stdout: error.stdout };
    });
    return doctorSchema.parse(JSON.parse(stdout));
  };

  it('is told which directory and which socket are closed to it, each with the command that opens it', async () => {
    await chmod(home, 0o755);
    const socket = path.join(home, 'buildkitd.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await chmod(socket, 0o600);
    try {
      const env = { BUILDKIT_HOST: `unix://${socket}`, XDG_CACHE_HOME: path.join(home, 'cache') };
      const { findings } = await asNobody(['--check', 'permissions,store'], env);
      const errors = findings.filter(({ level }) => level === 'error');
      expect(errors.map(({ check, says, mend }) => [check, says.split(' may ')[0], mend?.split(' ')[1]])).toEqual([
        ['permissions', home, 'chown'],
        ['permissions', socket, 'chgrp'],
        ['store', expect.stringContaining('can be read but not written'), 'chown'],
      ]);
    } finally {
      server.close();
    }
  });
});
