import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCacheHome, runSlipway } from '../../helpers/run-slipway.ts';

const BAD = 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -a -o /app .\n';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** What standard error says, the place first. */
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  { name: 'not a Dockerfile', files: { Dockerfile: '# Notes\n\nBuy milk.\n' }, says: /Dockerfile:3: .*\bBUY\b/i },
  {
    name: 'binary',
    files: { Dockerfile: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]) },
    says: /Dockerfile:1: .*no text/,
  },
  { name: 'empty', files: { Dockerfile: '' }, says: /Dockerfile:1: .*no instructions/ },
  {
    name: '100 MiB',
    files: { Dockerfile: Buffer.alloc(100 << 20, 'RUN true\n') },
    says: /Dockerfile:1: .*larger than 1 MiB/,
  },
  {
    name: 'an unknown instruction',
    files: { Dockerfile: 'FROM golang:1.26\n\nRUNN go build\n' },
    says: /Dockerfile:3: .*RUNN/i,
  },
  {
    name: 'an unknown rule in the configuration',
    files: { '.slipway.yaml': 'lint:\n  rules:\n    no-such-rule: off\n' },
    says: /\.slipway\.yaml:3: .*`no-such-rule`/,
  },
  {
    name: 'an unknown rule in a comment',
    files: { Dockerfile: '# slipway ignore=no-such-rule x\nFROM scratch\n' },
    says: /Dockerfile:1: .*`no-such-rule`/,
  },
  {
    name: 'Makefiles that include each other',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN make app\n',
      Makefile: 'include a.mk\n\napp:\n\tgo build -a .\n',
      'a.mk': '# loop\ninclude Makefile\n',
    },
    says: /(?:Makefile:1|a\.mk:2): /,
  },
];

/** The real program, on a directory that also holds a Dockerfile to mend. */
describe('slipway lint --fix of bad input', () => {
  let root: string;
  let home: string;

  beforeAll(async () => {
    home = await makeCacheHome();
  });

  afterAll(() => rm(home, { recursive: true }));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'slipway-bad-'));
    await mkdir(join(root, '.git'));
    await write('good/Dockerfile', BAD);
  });

  afterEach(() => rm(root, { recursive: true }));

  it.each(CASES)('$name: one error with its place, exit 2, nothing written', async ({ files, says }) => {
    for (const [path, text] of Object.entries(files)) await write(path, text);
    const before = await snapshot(root);
    const { exitCode, stderr, seconds } = await runSlipway(['lint', '--fix'], { cwd: root, env: { HOME: home } });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr.match(/error:/g)).toHaveLength(1);
    expect(exitCode).toBe(2);
    expect(await snapshot(root)).toEqual(before);
    expect(seconds).toBeLessThan(15);
  });

  it.each([
    ['a Dockerfile that may not be read', 'Dockerfile', 0o000, 2],
    ['a Dockerfile that may not be written', 'good/Dockerfile', 0o444, 3],
  ])('%s, nothing written', async (_, path, mode, expected) => {
    if (path === 'Dockerfile') await write(path, BAD);
    await chmod(join(root, path), mode);
    await chmod(join(root, 'good'), 0o555);
    await chmod(root, 0o555);
    const before = await snapshot(root);
    const { exitCode, stderr } = await lintAsNobody(root);
    expect(stderr).toContain(path);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(expected);
    expect(await snapshot(root)).toEqual(before);
  });

  async function write(path: string, text: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});

/** Root may read and write everything, so it gives its rights away. */
async function lintAsNobody(root: string): Promise<{ exitCode: number; stderr: string }> {
  const program = join(import.meta.dirname, '../../../src/cli/main.ts');
  const own = [process.execPath, program, 'lint', '--fix'];
  const words =
    process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', ...own] : own;
  const [command = '', ...args] = words;
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd: root, env: { ...process.env, HOME: '/nonexistent', NO_COLOR: '1' } },
      (error, _, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), stderr });
      },
    );
  });
}

/** Every file with what it holds and how it may be used. */
async function snapshot(root: string): Promise<readonly string[]> {
  const paths = (await readdir(root, { recursive: true })).toSorted();
  return Promise.all(
    paths.map(async (path) => {
      const stats = await stat(join(root, path));
      const hash = stats.isFile()
        ? createHash('sha256')
            .update(await readFile(join(root, path)))
            .digest('hex')
        : '';
      return `${path} ${stats.mode} ${stats.mtimeMs} ${hash}`;
    }),
  );
}
