import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWhyPrivate } from '../../../src/cli/doctor/read-why-private.ts';
import { publicCheck } from '../../../src/doctor/checks/public.ts';
import type { ConfiguredStore, DoctorContext } from '../../../src/doctor/types.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import type { Exposure, ExposureOptions } from '../../../src/store/port.ts';
import { parseStoreSpec } from '../../../src/store/store-spec.ts';

const NAME = { scope: 'main', sequence: 3, nonce: 'a0b1c2d3' };
const { signal } = new AbortController();

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-public-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function examine(changes: Partial<ConfiguredStore> & { readonly allowsPublic?: boolean }) {
  const asked: ExposureOptions[] = [];
  const store = Object.assign(createMemoryStore(), {
    readableByStrangers: async (options: ExposureOptions): Promise<Exposure> => {
      asked.push(options);
      return { store: 'registry.example.com/cache', readable: 'yes', seenBy: '200' };
    },
  });
  await store.writeSnapshot(NAME, Buffer.from('{}'));
  const spec = parseStoreSpec('oci://registry.example.com/cache');
  const configured: ConfiguredStore = {
    spec,
    description: 'registry.example.com/cache',
    readOnlyReason: undefined,
    open: () => store,
    ...changes,
  };
  const context: Partial<DoctorContext> = {
    signal,
    scope: 'main',
    stores: [configured],
    whyPrivate: async () => 'GOPRIVATE names the module example.com/app',
    allowsPublic: changes.allowsPublic ?? false,
  };
  return { said: await publicCheck.run(context as DoctorContext), asked };
}

it('asks by the newest snapshot, writes nothing, and calls private code in a public store an error', async () => {
  const { said, asked } = await examine({});
  expect(said).toMatchObject([
    { level: 'error', says: expect.stringContaining('example.com/app. Nothing is saved there') },
  ]);
  expect(asked).toMatchObject([{ snapshot: NAME }]);
  expect(asked[0]?.mayWrite).toBeUndefined();
});

it('only mentions it where that is allowed, or where nothing is written', async () => {
  expect((await examine({ allowsPublic: true })).said).toMatchObject([{ level: 'info' }]);
  expect((await examine({ readOnlyReason: 'its spec says so' })).said).toMatchObject([{ level: 'info' }]);
});

it('sees as private what a save would, and looks into no directory that is no project', async () => {
  const env = { HOME: home, GOENV: 'off', GOPRIVATE: 'example.com' };
  const project = path.join(home, 'app');
  await mkdir(project);
  await writeFile(path.join(project, 'go.mod'), 'module example.com/app\n');
  const names = 'GOPRIVATE names the module example.com/app';
  expect(await readWhyPrivate(project, env, signal)).toBe(names);
  expect(await readWhyPrivate(project, { ...env, GOPRIVATE: '' }, signal)).toBeUndefined();
  expect(await readWhyPrivate(home, env, signal)).toBeUndefined();
  await writeFile(path.join(project, 'Dockerfile'), 'FROM golang:1.26\nRUN GOPRIVATE=*.com go build .\n');
  expect(await readWhyPrivate(project, { ...env, GOPRIVATE: '' }, signal)).toBe(names);
  await writeFile(path.join(project, 'Dockerfile'), 'FROM\n');
  expect(await readWhyPrivate(project, { ...env, GOPRIVATE: '' }, signal)).toBeUndefined();
});
