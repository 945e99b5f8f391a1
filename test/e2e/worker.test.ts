import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASE_IMAGES } from '../helpers/base-images.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

const run = promisify(execFile);

/** Builds a Dockerfile's text and returns what its `out` file holds. */
async function build(worker: Worker, dockerfile: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-worker-test-'));
  try {
    await writeFile(join(directory, 'Dockerfile'), dockerfile);
    await run(toolPath('buildctl'), [
      '--addr',
      worker.address,
      'build',
      '--frontend',
      'dockerfile.v0',
      '--opt',
      `build-arg:NONCE=${randomUUID()}`,
      '--local',
      `context=${directory}`,
      '--local',
      `dockerfile=${directory}`,
      '--output',
      `type=local,dest=${join(directory, 'result')}`,
    ]);
    return await readFile(join(directory, 'result', 'out'), 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe('an ephemeral worker', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker();
  });
  afterAll(() => worker.stop());

  it.each([BASE_IMAGES.golang, BASE_IMAGES.golangAlpine])(
    'builds `FROM %s` word for word, with Go and a way to the module proxy',
    async (image) => {
      const text = await build(
        worker,
        [
          `FROM ${image} AS build`,
          'RUN go version > /out && cd /tmp && GOFLAGS=-modcacherw go mod download -json golang.org/x/mod@v0.20.0 >> /out',
          'FROM scratch',
          'COPY --from=build /out /out',
        ].join('\n'),
      );
      expect(text).toMatch(/^go version go1\.\d+/);
      expect(text).toContain('"GoModSum"');
    },
  );

  it.each([
    [BASE_IMAGES.golang, 'useradd --uid 1234 app'],
    [BASE_IMAGES.golangAlpine, 'addgroup -S -g 1234 app && adduser -D -u 1234 -G app app'],
    [BASE_IMAGES.busybox, 'true'],
  ])('knows non-root users in %s', async (image, addUser) => {
    const text = await build(
      worker,
      [
        `FROM ${image} AS build`,
        `RUN ${addUser} && mkdir /result && chown 1234 /result`,
        image === BASE_IMAGES.busybox ? 'USER 1234' : 'USER app',
        'RUN id -u > /result/out',
        'FROM scratch',
        'COPY --from=build /result/out /out',
      ].join('\n'),
    );
    expect(text.trim()).toBe('1234');
  });

  it('has the frontend that `# syntax=docker/dockerfile:1` names', async () => {
    const lines = ['# syntax=docker/dockerfile:1', `FROM ${BASE_IMAGES.busybox} AS build`, 'RUN echo here > /out'];
    expect(await build(worker, [...lines, 'FROM scratch', 'COPY --from=build /out /out'].join('\n'))).toBe('here\n');
  });

  it('runs beside another one that shares nothing with it', async () => {
    await using other = await startWorker();
    const dockerfile = [
      `FROM ${BASE_IMAGES.busybox} AS build`,
      'ARG NONCE',
      'RUN --mount=type=cache,target=/c,id=shared ls /c > /out; touch /c/seen',
      'FROM scratch',
      'COPY --from=build /out /out',
    ].join('\n');
    expect(await build(worker, dockerfile)).toBe('');
    expect(await build(worker, dockerfile)).toBe('seen\n');
    expect(await build(other, dockerfile)).toBe('');
  });
});

it('keeps its state when it is asked to, also after a SIGKILL', async () => {
  const root = await mkdtemp(join(tmpdir(), 'slipway-kept-'));
  const dockerfile = [
    `FROM ${BASE_IMAGES.busybox} AS build`,
    'ARG NONCE',
    'RUN --mount=type=cache,target=/c ls /c > /out; touch /c/seen',
    'FROM scratch',
    'COPY --from=build /out /out',
  ].join('\n');
  const first = await startWorker({ root });
  expect(await build(first, dockerfile)).toBe('');
  await first.kill();
  await first.stop();
  const second = await startWorker({ root });
  try {
    expect(await build(second, dockerfile)).toBe('seen\n');
  } finally {
    await second.stop();
    await rm(root, { recursive: true, force: true });
  }
});

it('leaves no state and no container behind when it is killed in the middle of a step', async () => {
  const worker = await startWorker();
  const building = build(
    worker,
    `FROM ${BASE_IMAGES.busybox}\nRUN --mount=type=cache,target=/c touch /c/started && sleep 1000`,
  ).catch(() => 'ended');
  await expect.poll(() => runningUnder(worker.root), { timeout: 20_000 }).toBe(1);
  await worker.kill();
  await worker.stop();
  expect(await building).toBe('ended');
  expect(existsSync(worker.root)).toBe(false);
  expect(await runningUnder(worker.root)).toBe(0);
});

async function runningUnder(root: string): Promise<number> {
  const { stdout } = await run(toolPath('runc'), ['list', '--format', 'json']);
  const containers = (JSON.parse(stdout || 'null') ?? []) as { bundle: string }[];
  return containers.filter(({ bundle }) => bundle.startsWith(root)).length;
}
