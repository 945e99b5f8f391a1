import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HERE, type ImageInput } from '../../../src/action/inputs.ts';
import { joinImages } from '../../../src/action/join-images.ts';

const MODULES = '--mount=type=cache,target=/go/pkg/mod';
const CACHE = '--mount=type=cache,target=/root/.cache/go-build';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-join-'));
  const files = {
    'api/Dockerfile': `RUN ${MODULES} ${CACHE} go build ./...`,
    'worker/Dockerfile': `RUN ${MODULES} ${CACHE} go build ./cmd/worker`,
    'tools/Dockerfile': `RUN ${MODULES} go mod download`,
    'own/Dockerfile': `RUN ${MODULES} ${CACHE},id=own go build ./...`,
    'page/Dockerfile': 'RUN true',
  };
  for (const [name, step] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), `FROM golang:1.26\n${step}\n`);
  }
});
afterAll(async () => rm(root, { recursive: true }));

const image = (name: string, more: Partial<ImageInput> = {}): ImageInput => ({
  ...HERE,
  name,
  context: path.join(root, name),
  ...more,
});

describe('images of one step', () => {
  it('are served together where the first has all mounts, with the contexts of all', async () => {
    const joined = await joinImages([image('api'), image('worker'), image('tools')], {});
    expect(joined.map(({ name }) => name)).toEqual(['api; worker; tools']);
    const [context1, context2] = [path.join(root, 'worker'), path.join(root, 'tools')];
    expect(joined[0]?.image).toEqual({
      ...image('api'),
      buildContexts: [`context-1=${context1}`, `context-2=${context2}`],
    });
  });

  it('stay apart where one has a mount of its own, another namespace, or none', async () => {
    const apart = image('worker', { buildArgs: ['BUILDKIT_CACHE_MOUNT_NS=other'] });
    const images = [image('tools'), image('api'), image('own'), apart, image('page')];
    const joined = await joinImages(images, {});
    expect(joined.map(({ image: each }) => each)).toEqual(images);
  });

  it('stay apart where one can’t be read: its own command says why', async () => {
    const images = [image('api'), image('missing'), image('api', { target: 'none' })];
    expect((await joinImages(images, {})).map(({ name }) => name)).toEqual(['api', 'missing', 'api']);
  });
});
