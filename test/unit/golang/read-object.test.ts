import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../../src/golang/object/read-archive.ts';
import { readObject, type CompiledObject } from '../../../src/golang/object/read-object.ts';

/** What the go command at hand really writes, with and without flags that the compiler records. */
let root: string;
let outputs: readonly Buffer[];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-object-'));
  writeFileSync(join(root, 'go.mod'), 'module example.com/object\n\ngo 1.24\n');
  for (const [name, text] of [
    ['leaf', 'package leaf\n\nfunc Leaf() int { return 1 }\n'],
    ['branch', 'package branch\n\nimport "example.com/object/leaf"\n\nfunc Branch() int { return leaf.Leaf() + 1 }\n'],
  ] as const) {
    execFileSync('mkdir', ['-p', join(root, name)]);
    writeFileSync(join(root, name, `${name}.go`), text);
  }
  const env = {
    ...process.env,
    GOCACHE: join(root, 'cache'),
    GOFLAGS: '',
    CGO_ENABLED: '0',
    GOOS: 'linux',
    GOARCH: 'arm64',
  };
  execFileSync('go', ['build', './...'], { cwd: root, env });
  execFileSync('go', ['build', '-gcflags=example.com/...=-N -l', './...'], { cwd: root, env });
  const cache = readdirSync(join(root, 'cache'), { recursive: true, encoding: 'utf8' });
  outputs = cache.filter((path) => path.endsWith('-d')).map((path) => readFileSync(join(root, 'cache', path)));
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const own = (): readonly CompiledObject[] =>
  outputs
    .flatMap((bytes) => readObject(bytes) ?? [])
    .filter(({ packagePath }) => packagePath.startsWith('example.com/'));

describe('what the compiler wrote', () => {
  it('names the package, its Go, its target and what it was compiled against', () => {
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
    const branches = own().filter(({ packagePath }) => packagePath === 'example.com/object/branch');
    expect(branches).toHaveLength(2);
    for (const branch of branches) {
      expect(branch).toMatchObject({ platform: 'linux/arm64', goVersion: version });
      expect(branch.imports).toContain('example.com/object/leaf');
    }
    expect(own().filter(({ packagePath }) => packagePath === 'example.com/object/leaf')).toHaveLength(2);
  });

  it('tells flags apart', () => {
    const flags = own().map((object) => object.flags);
    expect(flags.filter((text) => text.includes('-N') && text.includes('-l'))).toHaveLength(2);
    expect(flags.filter((text) => text.includes('-N'))).toHaveLength(2);
  });
});

describe('anything else', () => {
  it('is no object, cut anywhere or altered anywhere, and never an error', () => {
    const bytes = outputs.find((each) => readObject(each)?.packagePath === 'example.com/object/leaf')!;
    for (let at = 0; at < bytes.length; at += 7) {
      readObject(bytes.subarray(0, at));
      const altered = Buffer.from(bytes);
      altered[at] = 0xff;
      readObject(altered);
    }
    expect(readObject(Buffer.from('!<arch>\n'))).toBeUndefined();
    expect(readObject(Buffer.from('ok  \texample.com/object\t0.1s\n'))).toBeUndefined();
    expect(readArchive(bytes.subarray(0, 90))).toEqual([]);
  });
});
