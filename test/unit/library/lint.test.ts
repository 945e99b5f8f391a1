import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainChange, lintProject, lintText } from '../../../src/index.ts';

const DOCKERFILE = `FROM golang:1.26
WORKDIR /src
COPY go.mod ./
RUN go version
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -a -o /app .
`;
const FORCED = { 'forced-rebuild-flag': 'high' } as const;

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'slipway-lint-'));
  await mkdir(path.join(cwd, '.git'));
  await writeFile(path.join(cwd, 'Dockerfile'), DOCKERFILE);
  await writeFile(path.join(cwd, 'go.mod'), 'module example.com/app\n\ngo 1.26\n');
  await writeFile(path.join(cwd, 'main.go'), 'package main\n\nfunc main() {}\n');
});
afterEach(async () => rm(cwd, { recursive: true }));

const rulesOf = ({ findings }: { readonly findings: readonly { readonly ruleId: string }[] }): readonly string[] =>
  findings.map(({ ruleId }) => ruleId);

describe('lintProject', () => {
  it('finds, and with `fix` says what the files should hold; only `write` writes them', async () => {
    const found = await lintProject({ cwd, rules: FORCED });
    expect(rulesOf(found)).toContain('forced-rebuild-flag');
    expect(found).toMatchObject({ schemaVersion: 1, root: cwd, texts: {}, faults: [], fixed: [] });
    const mended = await lintProject({ cwd, fix: 'safe' });
    expect(rulesOf(mended)).not.toContain('forced-rebuild-flag');
    expect(mended.texts['Dockerfile']).toContain('go build -o /app .');
    expect(await readFile(path.join(cwd, 'Dockerfile'), 'utf8')).toBe(DOCKERFILE);
    const written = await lintProject({ cwd, fix: 'safe', write: true });
    expect(await readFile(path.join(cwd, 'Dockerfile'), 'utf8')).toBe(written.texts['Dockerfile']);
  });

  it('tells what it can’t read beside the rest, and mends nothing then', async () => {
    await mkdir(path.join(cwd, 'b'));
    await writeFile(path.join(cwd, 'b/Dockerfile'), 'NO SUCH\n');
    const { faults, findings, texts } = await lintProject({ cwd, fix: 'safe' });
    expect(faults.map(({ code, location }) => [code, location])).toEqual([['DOCKERFILE_INVALID', 'b/Dockerfile:1']]);
    expect(findings.length).toBeGreaterThan(0);
    expect(texts).toEqual({});
  });

  it.each([
    [{ write: true }, /`write` alone does nothing/],
    [{ fix: 'all' as 'safe' }, /`fix` can't be `all`/],
    [{ rules: { 'forced-rebuild': 'off' as const } }, /no rule is called `forced-rebuild`/],
    [{ paths: ['none'] }, /`none` isn't there/],
  ])('refuses %j', async (options, message) => {
    await expect(lintProject({ cwd, ...options })).rejects.toThrow(message);
  });
});

describe('lintText', () => {
  it('takes a text as if it lay there, and gives the mended one', async () => {
    const { text, ...found } = await lintText(DOCKERFILE, { cwd, name: 'new/Dockerfile', fix: 'safe' });
    expect(text).toContain('go build -o /app .');
    expect(found.fixed).toContainEqual({ ruleId: 'forced-rebuild-flag', file: 'new/Dockerfile' });
    expect((await lintText(DOCKERFILE, { cwd, rules: { 'forced-rebuild-flag': 'off' } })).text).toBe(DOCKERFILE);
  });

  it('rejects for what BuildKit would refuse', async () => {
    await expect(lintText('NO SUCH\n', { cwd })).rejects.toMatchObject({ code: 'DOCKERFILE_INVALID' });
  });
});

describe('explainChange', () => {
  const statesOf = async (options: Parameters<typeof explainChange>[0]): Promise<readonly string[]> =>
    (await explainChange({ cwd, ...options })).steps.map(({ text, state }) => `${text.split(' ')[0]} ${state}`);

  it('says which steps re-run', async () => {
    expect(await statesOf({ paths: ['main.go'] })).toEqual([
      ...['WORKDIR cached', 'COPY cached', 'RUN cached', 'COPY re-run', 'RUN re-run'],
    ]);
    expect(await statesOf({ paths: ['go.mod'] })).toContain('RUN re-run');
  });

  it('keeps what arguments hold to itself', async () => {
    await writeFile(path.join(cwd, 'Dockerfile'), 'FROM scratch\nARG API_TOKEN\nCOPY . /$API_TOKEN\n');
    const change = { buildArgs: { API_TOKEN: 'canary-one-7f3a' }, changedBuildArgs: { API_TOKEN: 'canary-two-7f3a' } };
    const told = JSON.stringify(await explainChange({ cwd, ...change }));
    expect(told).toContain('re-run');
    expect(told).not.toMatch(/canary-(one|two)/);
  });

  it.each([
    [{}, /there is no change/],
    [{ paths: ['a'], since: 'HEAD' }, /`paths` and `since` exclude each other/],
    [{ paths: ['../a'] }, /lies outside of the build context/],
  ])('refuses %j', async (options, message) => {
    await expect(explainChange({ cwd, ...options })).rejects.toThrow(message);
  });
});
