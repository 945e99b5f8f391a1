import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedBaseRegistry } from '../helpers/base-registry.ts';
import { type BuiltImage, buildImage, compiledPackages, isCachedStep, runImage } from '../helpers/built-image.ts';
import { INIT_SHAPES, type InitShape } from '../helpers/init-shapes.ts';
import { goSumOf, type ModuleProxy, type ServedModule, startModuleProxy } from '../helpers/module-proxy.ts';
import { makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { seededSlice, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

/**
 * What init writes is built by BuildKit, its image is started as its user, and after an edit only what changed is compiled again.
 * CI takes some shapes of different kinds and one of the others, as SLIPWAY_SEED draws them; `npm run torture` takes all.
 */
const built = INIT_SHAPES.filter(({ isTextOnly }) => isTextOnly !== true);
const kinds = built.filter(({ isRepresentative }) => isRepresentative === true);
const others = built.filter(({ isRepresentative }) => isRepresentative !== true);
const shapes = [...seededSlice(kinds, 2), ...seededSlice(others, 1)];

const PRIVATE_MODULE: ServedModule = {
  path: 'example.com/private/lib',
  version: 'v1.0.0',
  files: {
    'go.mod': 'module example.com/private/lib\n\ngo 1.22\n',
    'lib.go': 'package lib\n\nfunc Value() string { return "lib" }\n',
  },
};

describe(`init, seed ${SLICE_SEED}`, () => {
  let worker: Worker;
  let proxy: ModuleProxy;
  let home: string;

  beforeAll(async () => {
    const { host } = await sharedBaseRegistry();
    worker = await startWorker({ config: `[registry."gcr.io"]\nmirrors = [${JSON.stringify(host)}]` });
    proxy = await startModuleProxy(PRIVATE_MODULE);
    home = await makeCacheHome();
    await writeFile(join(home, '.netrc'), 'machine 127.0.0.1 login somebody password not-in-the-image\n');
  });

  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await worker?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it.each(shapes.map((shape) => [shape.name, shape] as const))('builds, starts and rebuilds: %s', async (_, shape) => {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-init-'));
    try {
      const context = join(directory, 'context');
      await writeProject(context, shape.files);
      await init(context, shape.args);
      const first = await build(context, shape, join(directory, 'first'));
      expect(first.image.config.User).toBe('65333');
      await checkProgram(first, shape);
      await editProject(join(context, shape.edit), shape.name);
      const second = await build(context, shape, join(directory, 'second'));
      expect(compiledPackages(second.log).toSorted()).toEqual([...shape.recompiled].toSorted());
      if (first.log.includes('go mod download')) expect(isCachedStep(second.log, 'go mod download')).toBe(true);
      if (shape.name.startsWith('private')) expect(proxy.requests.length).toBeGreaterThan(0);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  async function init(context: string, args: readonly string[]): Promise<void> {
    const words = args.map((word) => (word === 'PROXY' ? proxy.url : word));
    const { exitCode, stderr } = await runSlipway(['init', ...words], {
      cwd: context,
      env: { HOME: home, GOPRIVATE: '' },
    });
    expect(stderr).not.toMatch(/Error|error:/);
    expect(exitCode).toBe(0);
    // The one change: Go names the packages that it compiles.
    const file = join(context, 'Dockerfile');
    await writeFile(file, (await readFile(file, 'utf8')).replace('go build ', 'go build -v '));
  }

  function build(context: string, shape: InitShape, out: string): Promise<BuiltImage> {
    const needsSecret = shape.args.includes('--private');
    return buildImage(worker, {
      context,
      out,
      buildArgs: shape.buildArgs,
      platform: shape.platform,
      secrets: needsSecret ? [`id=netrc,src=${join(home, '.netrc')}`] : [],
    });
  }
});

async function writeProject(context: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), text === 'PRIVATE_SUM' ? goSumOf(PRIVATE_MODULE) : text);
  }
}

/** Shapes for another platform can't run here: their program must be for that platform. */
async function checkProgram(image: BuiltImage, shape: InitShape): Promise<void> {
  const [path = ''] = image.image.config.Entrypoint ?? [];
  if (shape.platform !== undefined) {
    const header = await readFile(join(image.root, path));
    // e_machine 40 is ARM, 32 bits: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    expect(header.readUInt16LE(18)).toBe(40);
    return;
  }
  const lines = (await runImage(image)).trim().split('\n');
  expect(lines).toEqual(['user 65333 first', ...shape.prints]);
}

/** A change of a value, unlike every other, so that no cache can know it. */
async function editProject(file: string, shape: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const edited = text.replace(/edited = "first"|return "/, (found) =>
    found.startsWith('return') ? `${found}${shape}-${Date.now()} ` : `edited = "${shape}-${Date.now()}"`,
  );
  expect(edited).not.toBe(text);
  await writeFile(file, edited);
}
