import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, type BuildOptions, type ProgressEvent } from '../../src/index.ts';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { makeEmbeddedHome } from '../helpers/embedded-home.ts';
import { SLICE_SEED, seededSlice } from '../helpers/seeded-slice.ts';
import { toolsBin } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

let directory: string;
let worker: Worker;
let gate: Gate;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-overlap-'));
  worker = await startWorker();
  gate = await openGate();
});

afterAll(async () => {
  gate?.close();
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Holds a step of the build back until the save has taken out what is new: a save behind the build would never come to it. */
interface Gate {
  /** To be handed all events of a build. */
  readonly onEvent: (event: ProgressEvent) => void;
  /** A RUN that ends when the gate opens. */
  readonly step: string;
  reset(): void;
  close(): void;
}

async function openGate(): Promise<Gate> {
  let opened = Promise.withResolvers<void>();
  let ask = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    void opened.promise.then(() => socket.end('open'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    get step() {
      ask += 1;
      return `RUN test "$(nc 127.0.0.1 ${port} < /dev/null)" = open # ${ask}`;
    },
    onEvent: (event) => {
      if (isExtract(event) && event.state === 'done') opened.resolve();
    },
    reset: () => {
      opened = Promise.withResolvers();
    },
    close: () => {
      opened.resolve();
      server.close();
    },
  };
}

function isExtract(event: ProgressEvent): event is ProgressEvent & { type: 'vertex' } {
  return event.type === 'vertex' && event.phase === 'save' && /^\[slipway-helper \S+\] RUN/.test(event.name);
}

/** Steps that leave outputs in a mount as Go does, without its seconds: two, in stages beside each other. BuildKit takes no account of a mount's id when it looks for cached steps. */
function compileInto(id: string): readonly string[] {
  const mount = `--mount=type=cache,id=${id},target=/go-cache`;
  const add =
    'h=$(sha256sum < /out | cut -d" " -f1) && mkdir -p $GOCACHE/${h%${h#??}} && mv /out $GOCACHE/${h%${h#??}}/$h-d';
  return [
    'FROM busybox:1.37 AS base',
    'ENV GOCACHE=/go-cache',
    'FROM base AS build',
    `RUN ${mount} echo compile ${id} > /out && ${add} && touch /built`,
    'FROM base AS check',
    `RUN ${mount} sleep 1 && echo check ${id} > /out && ${add} && touch /checked`,
  ];
}

interface Built {
  readonly save: Awaited<ReturnType<typeof build>>['report']['save'];
  readonly exitCode: number;
  readonly said: string;
  /** `compile`, `check`, `extract`, `save`: in the order in which they were over. */
  readonly story: readonly string[];
  /** All files of the store. */
  readonly stored: readonly string[];
}

async function buildIn(name: string, lines: readonly string[], options: Partial<BuildOptions> = {}): Promise<Built> {
  const context = path.join(directory, name, 'app');
  const store = path.join(directory, name, 'store');
  await mkdir(context, { recursive: true });
  await writeFile(path.join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  await writeFile(path.join(context, 'go.mod'), 'module example.com/tender\n\ngo 1.26\n');
  await writeFile(path.join(context, 'main.go'), 'package main\n\nfunc main() { println("tender") }\n');
  const home = path.join(directory, name, 'home');
  const env = { HOME: directory, XDG_CACHE_HOME: home, ...worker.env, ...options.env };
  const story: string[] = [];
  const { report, build: result } = await build({
    context,
    store: `type=local,dest=${store}`,
    scope: 'main',
    outputs: [`type=oci,dest=${path.join(directory, name, 'image.tar')}`],
    ...options,
    env: { ...env, PATH: `${toolsBin()}:${process.env['PATH']}` },
    onEvent: (event) => {
      gate.onEvent(event);
      if (event.type === 'phase' && event.phase === 'build' && event.state === 'done') story.push('build');
      if (event.type !== 'vertex' || event.state === 'running') return;
      if (isExtract(event)) story.push('extract');
      if (event.phase === 'build' && event.name.includes('echo compile')) story.push('compile');
      if (event.phase === 'build' && event.name.includes('echo check')) story.push('check');
    },
  });
  const runs = await readdir(path.join(env.XDG_CACHE_HOME, 'slipway'));
  expect(runs.filter((each) => each.startsWith('run-'))).toEqual([]);
  const stored = await readdir(store, { recursive: true }).catch(() => []);
  return { save: report.save, exitCode: report.buildExitCode, said: result.messages.join('\n'), story, stored };
}

const END = ['FROM busybox:1.37', 'COPY --from=build /built /', 'COPY --from=check /checked /'];

interface EngineHome extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly options: Partial<BuildOptions>;
}

const OTHER_ENGINES: Readonly<Record<string, () => Promise<EngineHome>>> = {
  buildx: async () => {
    const home = await makeBuildxHome({ isPlugin: false });
    await home.use('overlap', worker.address);
    return { env: home.env, options: { engine: 'buildx' }, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
  'private buildkitd': async () => {
    const home = await makeEmbeddedHome();
    return { env: home.env, options: { engine: 'embedded' }, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
};

describe(`the save of a build (seed ${SLICE_SEED})`, () => {
  it('takes out what is new when all steps with mounts are over, while later steps still run; then cached ones count too', async () => {
    gate.reset();
    const lines = [...compileInto('first'), ...END, gate.step];
    const first = await buildIn('first', lines);
    expect(first.exitCode, first.said).toBe(0);
    expect(first.story.slice(0, 2).toSorted()).toEqual(['check', 'compile']);
    expect(first.story.slice(2)).toEqual(['extract', 'build']);
    expect(first.save.state).toBe('saved');
    expect(first.save.besideSeconds).toBeGreaterThan(0);

    const again = [...lines.slice(0, -1), gate.step];
    gate.reset();
    const second = await buildIn('first', again);
    expect(second.story.slice(2)).toEqual(['extract', 'build']);
    expect(second.save).toMatchObject({ state: 'nothing-new', entriesNew: 0 });
  });

  it('leaves nothing when a later step fails, though all was taken out by then', async () => {
    gate.reset();
    const failed = await buildIn('failing', [...compileInto('failing'), ...END, gate.step, 'RUN false']);
    expect(failed.exitCode).not.toBe(0);
    expect(failed.story).toContain('extract');
    expect(failed.save).toMatchObject({ state: 'skipped', reason: 'the build failed' });
    expect(failed.stored).toEqual([]);
  });

  it('leaves nothing when only the push fails', async () => {
    const failed = await buildIn('unpushed', [...compileInto('unpushed'), ...END], {
      outputs: ['type=image,name=127.0.0.1:9/nobody/listens,push=true'],
    });
    expect(failed.exitCode).not.toBe(0);
    expect(failed.save.state).toBe('skipped');
    expect(failed.stored).toEqual([]);
  });

  it.each(seededSlice(Object.keys(OTHER_ENGINES), 1))('is the same behind %s', async (engine) => {
    await using home = await (OTHER_ENGINES[engine] as () => Promise<EngineHome>)();
    gate.reset();
    const name = engine.replace(' ', '-');
    const built = await buildIn(name, [...compileInto(name), ...END, gate.step], { ...home.options, env: home.env });
    expect(built.exitCode, built.said).toBe(0);
    expect(built.story.slice(2)).toEqual(['extract', 'build']);
    expect(built.save.state).toBe('saved');
  });
});
