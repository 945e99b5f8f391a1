import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initSchema } from '../../../scripts/init-schema.ts';
import type { InitReport } from '../../../src/cli/init/print-init.ts';
import type { CliIo } from '../../../src/cli/io.ts';
import { runCli } from '../../../src/cli/run-cli.ts';

const PLAIN = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n',
  'main.go': 'package main\n\nfunc main() {}\n',
};
const SEVERAL = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n',
  'cmd/api/main.go': 'package main\n\nfunc main() {}\n',
  'cmd/worker/main.go': 'package main\n\nfunc main() {}\n',
};

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-init-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('slipway init', () => {
  it('writes a Dockerfile and an ignore file, and a second run changes nothing', async () => {
    await write(PLAIN);
    const first = await init();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('wrote Dockerfile\nwrote .dockerignore\n');
    expect(first.stderr).toContain('try it: slipway build -t app .');
    expect(await readdir(root)).toEqual(['.dockerignore', 'Dockerfile', 'go.mod', 'main.go']);
    const second = await init();
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain('unchanged Dockerfile\nunchanged .dockerignore\n');
  });

  it('keeps files that differ, shows how, and overwrites them only when forced to', async () => {
    await write({ ...PLAIN, Dockerfile: 'FROM scratch\n' });
    const kept = await init();
    expect(kept.code).toBe(1);
    expect(kept.stdout).toContain('kept Dockerfile (it differs)\nwrote .dockerignore\n');
    expect(kept.stdout).toContain('--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,1 +1,15 @@\n');
    expect(kept.stderr).toContain('`--force` overwrites them');
    expect(await read('Dockerfile')).toBe('FROM scratch\n');
    const forced = await init('--force');
    expect(forced).toMatchObject({ code: 0 });
    expect(forced.stdout).toContain('overwrote Dockerfile\nunchanged .dockerignore\n');
    expect(await read('Dockerfile')).toContain('AS build');
  });

  it('writes nothing on a dry run, and shows what it would write', async () => {
    await write({ ...PLAIN, Dockerfile: 'FROM scratch\n' });
    const { code, stdout } = await init('--dry-run', '--ci', 'gitlab', '--bake');
    expect(code).toBe(1);
    expect(stdout).toContain('would keep Dockerfile (it differs)\nwould write .dockerignore\n');
    expect(stdout).toContain('==> docker-bake.hcl\nvariable "IMAGE"');
    expect((await readdir(root)).toSorted()).toEqual(['Dockerfile', 'go.mod', 'main.go']);
  });

  it('prints facts, decisions and files as one document', async () => {
    await write(PLAIN);
    const { code, stdout, stderr } = await init('--format', 'json', '--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as InitReport;
    expect(initSchema.safeParse(report).error).toBeUndefined();
    expect(report).toMatchObject({
      schemaVersion: 1,
      facts: {
        programs: [{ importPath: 'example.com/app', cgo: { answer: 'no' } }],
        modules: [{ go: '1.26', requires: 0 }],
      },
      files: [
        { path: 'Dockerfile', status: 'create', diff: '' },
        { path: '.dockerignore', status: 'create' },
      ],
      questions: [],
      nextCommand: 'slipway build -t app .',
    });
  });

  it('takes a directory', async () => {
    await write({ 'sub/go.mod': PLAIN['go.mod'], 'sub/main.go': PLAIN['main.go'] });
    expect(await init('sub')).toMatchObject({ code: 0 });
    expect(await readdir(join(root, 'sub'))).toContain('Dockerfile');
  });

  it('writes through nothing: what is in the way and is no file is named', async () => {
    await write({ ...PLAIN, 'Dockerfile/x': '' });
    expect(await init()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`Dockerfile` is there and is no file'),
    });
  });

  it('replaces a link instead of writing to where it leads', async () => {
    await write({ ...PLAIN, elsewhere: 'mine' });
    await symlink('elsewhere', join(root, 'Dockerfile'));
    expect(await init('--force')).toMatchObject({ code: 0 });
    expect(await read('elsewhere')).toBe('mine');
  });
});

describe('the ignore file', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['alone', PLAIN, 'wrote .dockerignore'],
    ['beside other Dockerfiles', { ...PLAIN, 'Dockerfile.dev': 'FROM scratch\n' }, 'wrote Dockerfile.dockerignore'],
    [
      'that there is, also for others',
      { ...PLAIN, 'Dockerfile.dev': '', '.dockerignore': 'x\n' },
      'kept .dockerignore',
    ],
    ['that is for this Dockerfile', { ...PLAIN, 'Dockerfile.dockerignore': 'x\n' }, 'kept Dockerfile.dockerignore'],
  ])('%s', async (_, files, line) => {
    await write(files);
    expect((await init()).stdout).toContain(line);
  });
});

describe('the image a workflow pushes', () => {
  it.each<[string, readonly string[], string, readonly string[]]>([
    [
      'github',
      [],
      '.github/workflows/image.yml',
      ['IMAGE: ghcr.io/${{ github.repository }}', 'registry: ghcr.io', 'secrets.GITHUB_TOKEN'],
    ],
    [
      'github',
      ['--image', 'ghcr.io/me/app'],
      '.github/workflows/image.yml',
      ['IMAGE: ghcr.io/me/app\n', 'secrets.GITHUB_TOKEN'],
    ],
    [
      'github',
      ['--image', 'registry.example.com:5000/team/app'],
      '.github/workflows/image.yml',
      [
        'IMAGE: registry.example.com:5000/team/app\n',
        'registry: registry.example.com:5000\n',
        'secrets.REGISTRY_PASSWORD',
      ],
    ],
    ['github', ['--image', 'me/app'], '.github/workflows/image.yml', ['IMAGE: me/app\n', 'registry: docker.io\n']],
    ['gitlab', ['--image', 'app'], '.gitlab-ci.yml', ['IMAGE: $CI_REGISTRY_IMAGE\n', '"$CI_REGISTRY"\n']],
    ['gitlab', ['--image', 'registry.example.com/app'], '.gitlab-ci.yml', ['--password-stdin registry.example.com\n']],
  ])('on %s with %j', async (ci, args, path, parts) => {
    await write(PLAIN);
    expect(await init('--ci', ci, ...args)).toMatchObject({ code: 0 });
    const text = await read(path);
    expect(parts.filter((part) => !text.includes(part))).toEqual([]);
  });
});

describe('what init says besides', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'a workspace above',
      { 'sub/go.mod': PLAIN['go.mod'], 'sub/main.go': PLAIN['main.go'], 'go.work': '' },
      'A go.work above',
    ],
    [
      'another Dockerfile',
      { 'sub/go.mod': PLAIN['go.mod'], 'sub/main.go': PLAIN['main.go'], 'sub/build/Dockerfile': '' },
      'build/Dockerfile',
    ],
    [
      'a workflow',
      { 'sub/go.mod': PLAIN['go.mod'], 'sub/main.go': PLAIN['main.go'], 'sub/.github/workflows/ci.yml': '' },
      '.github/workflows/ci.yml',
    ],
    [
      'no go.sum',
      { 'sub/go.mod': `${PLAIN['go.mod']}require x.com/y v1.0.0\n`, 'sub/main.go': PLAIN['main.go'] },
      '`go.sum` is missing',
    ],
  ])('%s', async (_, files, note) => {
    await write(files);
    const { code, stderr } = await init('sub');
    expect(code).toBe(0);
    expect(stderr).toContain(note);
  });
});

describe('what init can not decide', () => {
  it('exits with 2 and names the flag', async () => {
    await write(SEVERAL);
    const { code, stderr, stdout } = await init();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Which program is the image for?');
    expect(stderr).toContain('`--main ./cmd/api` or `--main ./cmd/worker`');
    expect(await readdir(root)).toEqual(['cmd', 'go.mod']);
  });

  it('gives the facts and the questions all the same as JSON', async () => {
    await write(SEVERAL);
    const { code, stdout } = await init('--format', 'json');
    expect(code).toBe(2);
    expect(initSchema.safeParse(JSON.parse(stdout)).error).toBeUndefined();
    expect(JSON.parse(stdout)).toMatchObject({
      questions: [{ flag: '--main', options: ['./cmd/api', './cmd/worker'] }],
      files: [],
    });
  });

  it.each([
    ['a number', '2\n', 'cmd/worker'],
    ['a word', './cmd/api\n', 'cmd/api'],
    ['a second try', 'x\n9\n1\n', 'cmd/api'],
  ])('is asked on a terminal, and takes %s', async (_, input, program) => {
    await write(SEVERAL);
    const { code, stderr } = await init({ input });
    expect(code).toBe(0);
    expect(stderr).toContain('Which program is the image for?\n  1  ./cmd/api\n  2  ./cmd/worker\n');
    expect(await read('Dockerfile')).toContain(`./${program}\n`);
  });

  it('is asked about cgo where a module of the list may be reached', async () => {
    await write({
      'go.mod': `${PLAIN['go.mod']}require (\n\tx.com/orm v1.0.0\n\tgithub.com/mattn/go-sqlite3 v1.14.22 // indirect\n)\n`,
      'main.go': 'package main\n\nimport _ "x.com/orm"\n\nfunc main() {}\n',
    });
    expect(await init()).toMatchObject({ code: 2, stderr: expect.stringContaining('`--cgo=true` or `--cgo=false`') });
    expect(await init({ input: '1\n' })).toMatchObject({ code: 0 });
    expect(await read('Dockerfile')).toContain('CGO_ENABLED=1');
  });

  it('ends when the input ends, and writes nothing', async () => {
    await write(SEVERAL);
    expect(await init({ input: '' })).toMatchObject({ code: 2, stderr: expect.stringContaining('Write `--main`') });
    expect(await readdir(root)).not.toContain('Dockerfile');
  });

  it('asks nothing where a CI runner has a terminal', async () => {
    await write(SEVERAL);
    expect(await init({ input: '1\n', env: { CI: 'true' } })).toMatchObject({ code: 2 });
  });

  it.each([
    ['8080\n', 'EXPOSE 8080\n'],
    ['\n', 'USER 65333\nENTRYPOINT'],
  ])('may be left open: the port %j', async (input, expected) => {
    await write({ ...PLAIN, 'main.go': 'package main\n\nimport "net"\n\nfunc main() { net.Listen("tcp", addr()) }\n' });
    expect(await init({ input })).toMatchObject({ code: 0 });
    expect(await read('Dockerfile')).toContain(expected);
  });

  it('stops at a signal', async () => {
    await write(SEVERAL);
    const abort = new AbortController();
    const running = init({ stdin: new PassThrough(), signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stopped')), 50);
    expect(await running).toMatchObject({ code: 3, stderr: expect.stringContaining('stopped') });
    expect(await readdir(root)).not.toContain('Dockerfile');
  });

  it('stops at a signal that came before the question', async () => {
    await write(SEVERAL);
    const signal = AbortSignal.abort(new Error('stopped'));
    expect(await init({ stdin: new PassThrough(), signal })).toMatchObject({ code: 3 });
  });
});

describe('what init refuses', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[], string]>([
    ['no program', { 'go.mod': 'module example.com/lib\n' }, [], 'there is no Go program here'],
    ['no module', { 'main.go': PLAIN['main.go'] }, [], 'there is no Go program here'],
    [
      'a name that a shell would read',
      { 'go.mod': PLAIN['go.mod'], 'cmd/x && touch y/main.go': PLAIN['main.go'] },
      [],
      'holds characters that mean something else in a Dockerfile',
    ],
    ['an unknown program', SEVERAL, ['--main', './cmd/apo'], 'Did you mean `./cmd/api`?'],
    [
      'a module outside of the context',
      { ...PLAIN, 'go.mod': 'module a\nreplace x.com/b => ../b\n' },
      [],
      '`../b` lies outside',
    ],
    [
      'a workspace that leaves the context',
      { ...PLAIN, 'go.work': 'go 1.26\nuse .\nuse ../b\n' },
      [],
      '`../b` lies outside',
    ],
    ['cgo on scratch', PLAIN, ['--cgo', '--base', 'scratch'], '`--base scratch` does not have'],
    ['cgo for several platforms', PLAIN, ['--cgo', '--platform', 'linux/amd64,linux/arm64'], 'not cross-compiled'],
    [
      'two C libraries',
      PLAIN,
      ['--cgo', '--base', 'debian', '--go-image', 'golang:1.26-alpine'],
      'different C libraries',
    ],
    ['a port that is none', PLAIN, ['--port', '70000'], '`70000` is no port'],
    ['a platform that is none', PLAIN, ['--platform', 'windows/amd64'], 'no platform of Linux'],
    ['an unknown strategy', PLAIN, ['--strategy', 'both'], 'Write `mounts` or `layers`.'],
    ['an image with spaces', PLAIN, ['--go-image', 'golang latest'], 'needs one word'],
    ['credentials in an address', PLAIN, ['--goproxy', 'https://me:secret@proxy.example.com'], 'holds credentials'],
    ['a variable that is none', PLAIN, ['--version-variable', 'version'], 'names no variable'],
    ['two directories', PLAIN, ['.', 'x'], 'takes one directory'],
    ['a directory that is none', PLAIN, ['nowhere'], '`nowhere` is no directory'],
  ])('%s', async (_, files, args, message) => {
    await write(files);
    const { code, stderr } = await init(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('secret');
    expect(await readdir(root)).not.toContain('Dockerfile');
  });
});

describe('private modules', () => {
  const files = {
    ...PLAIN,
    'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire git.example.com/team/lib v1.0.0\n',
  };

  it('are seen by GOPRIVATE, and credentials by what is set up here', async () => {
    await write({ ...files, 'home/.netrc': 'machine git.example.com login x password y\n' });
    expect(await init({ env: { GOPRIVATE: '*.example.com/team', HOME: join(root, 'home') } })).toMatchObject({
      code: 0,
    });
    expect(await read('Dockerfile')).toContain('--mount=type=secret,id=netrc,target=/root/.netrc');
  });

  it('are reached by ssh where Git does so here', async () => {
    await write({
      ...files,
      'home/.gitconfig': '[user]\n\tname = x\n[url "git@git.example.com:"]\n\tinsteadOf = https://git.example.com/\n',
      'home/.config/go/env': 'GOPRIVATE=git.example.com\n',
    });
    expect(await init({ env: { HOME: join(root, 'home') } })).toMatchObject({ code: 0 });
    const text = await read('Dockerfile');
    expect(text).toContain('--mount=type=ssh');
    expect(text).toContain('GIT_CONFIG_KEY_0=url.ssh://git@git.example.com/.insteadOf');
  });

  it('are asked about where nothing says how', async () => {
    await write(files);
    const { code, stderr } = await init({ env: { GOPRIVATE: 'git.example.com' } });
    expect(code).toBe(2);
    expect(stderr).toContain('`--auth netrc` or `--auth ssh`');
  });

  it('stay out of it where GOPRIVATE names none of them', async () => {
    await write(files);
    expect(await init({ env: { GOPRIVATE: 'other.example.com' } })).toMatchObject({ code: 0 });
    expect(await read('Dockerfile')).not.toContain('GOPRIVATE');
  });
});

interface Terminal {
  /** What is typed, and then the end; without it there is no terminal. */
  readonly input?: string;
  readonly stdin?: PassThrough;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function init(
  ...words: readonly (string | Terminal)[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = words.find((word) => typeof word !== 'string') ?? {};
  const isTTY = terminal.input !== undefined || terminal.stdin !== undefined;
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr'): CliIo['stderr'] => ({
    isTTY,
    write: (text) => {
      written[name] += text;
      return true;
    },
  });
  const stdin = terminal.stdin ?? Readable.from(terminal.input === undefined ? [] : [Buffer.from(terminal.input)]);
  const code = await runCli(['init', ...words.filter((word) => typeof word === 'string')], {
    env: { HOME: join(root, 'nowhere'), ...terminal.env },
    cwd: root,
    stdin: Object.assign(stdin, { isTTY }),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    signal: terminal.signal ?? new AbortController().signal,
    loadParts: () => Promise.reject(new Error('init builds nothing')),
  });
  return { code, ...written };
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

function read(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8');
}
