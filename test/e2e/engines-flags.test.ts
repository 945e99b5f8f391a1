import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBuildxHome, type BuildxHome } from '../helpers/buildx-builder.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { runSlipway, type SlipwayRun } from '../helpers/run-slipway.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

const execute = promisify(execFile);

let directory: string;
let worker: Worker;
/** Another machine: what it knows came through a layer cache. */
let other: Worker;
let registry: TestRegistry;
let buildx: BuildxHome;
let context: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-flags-'));
  [worker, other] = await Promise.all([startWorker(), startWorker()]);
  registry = await startRegistry({ program: 'registry' });
  buildx = await makeBuildxHome();
  await buildx.use('elsewhere', other.address);
  await buildx.use('here', worker.address);
  context = path.join(directory, 'context');
  await mkdir(context);
  await writeFile(path.join(context, 'Dockerfile'), DOCKERFILE);
  await writeFile(path.join(context, 'note.txt'), 'from the context\n');
});

afterAll(async () => {
  await worker?.stop();
  await other?.stop();
  await registry?.stop();
  await buildx?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const DOCKERFILE = `FROM --platform=$BUILDPLATFORM busybox:1.37 AS base
ARG FLAG=unset
ARG ENVIRONMENT=unset
ARG TARGETPLATFORM
WORKDIR /out
COPY note.txt .
RUN echo "$FLAG $ENVIRONMENT $TARGETPLATFORM" > arguments; echo "step $((40 + 2)) ran"
FROM base AS run-secrets
RUN --mount=type=secret,id=from-file --mount=type=secret,id=from-env,env=SHOWN cat /run/secrets/from-file > secrets; echo "$SHOWN" >> secrets
FROM base AS run-agent
RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK" && echo reached > agent
FROM base AS run-network
RUN cat /etc/hosts > hosts; df -k /dev/shm | tail -n 1 | awk '{print $2}' > shm; ulimit -n > files
FROM other AS run-named
WORKDIR /out
RUN cat /marker > named
FROM scratch AS secrets
COPY --from=run-secrets /out /
FROM scratch AS agent
COPY --from=run-agent /out /
FROM scratch AS network
COPY --from=run-network /out /
FROM scratch AS named
COPY --from=run-named /out /
FROM scratch
COPY --from=base /out /
LABEL made=by-the-file
`;

const ENGINES = ['buildctl', 'buildx'] as const;
type EngineName = (typeof ENGINES)[number];

function envOf(engine: EngineName, where: Worker = worker): Record<string, string> {
  const cache = { XDG_CACHE_HOME: path.join(directory, 'home') };
  if (engine === 'buildctl') return { ...cache, ...where.env };
  return { ...cache, ...buildx.env, BUILDX_BUILDER: where === worker ? 'here' : 'elsewhere' };
}

interface BuildOptions {
  readonly where?: Worker;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

async function build(engine: EngineName, flags: readonly string[], options: BuildOptions = {}): Promise<SlipwayRun> {
  const env = { ...envOf(engine, options.where), ...options.env };
  const run = await runSlipway(['build', '--progress', 'plain', ...flags], { ...options, env, cwd: context });
  return run;
}

async function built(engine: EngineName, flags: readonly string[], options: BuildOptions = {}): Promise<SlipwayRun> {
  const run = await build(engine, flags, options);
  expect(run.exitCode, run.stderr).toBe(0);
  return run;
}

let outputs = 0;
const newOutput = (): string => path.join(directory, `out-${(outputs += 1)}`);

/** Each file of a directory with its text. */
async function readTree(top: string): Promise<Record<string, string>> {
  const names = await readdir(top, { recursive: true });
  const tree: Record<string, string> = {};
  for (const name of names.sort()) {
    if ((await stat(path.join(top, name))).isFile()) tree[name] = await readFile(path.join(top, name), 'utf8');
  }
  return tree;
}

/** What a build writes with `-o`, the same through both engines. */
async function exported(flags: readonly string[], options: BuildOptions = {}): Promise<Record<string, string>> {
  const trees = [];
  for (const engine of ENGINES) {
    const out = newOutput();
    await built(engine, [...flags, '-o', out], options);
    trees.push(await readTree(out));
  }
  expect(trees[0]).toEqual(trees[1]);
  return trees[0]!;
}

const crane = async (...args: string[]): Promise<string> => (await execute(toolPath('crane'), args)).stdout.trim();

describe(`what both engines make alike (seed ${SLICE_SEED})`, () => {
  someOf(3, (it) => {
    it('--build-arg with a value and from the environment, --platform, several at once', async () => {
      const flags = ['--build-arg', 'FLAG=a b,c="d"', '--build-arg', 'ENVIRONMENT', '--build-arg', 'NOWHERE', '.'];
      const one = await exported([...flags, '--platform', 'linux/arm64'], { env: { ENVIRONMENT: 'told' } });
      expect(one).toEqual({ arguments: 'a b,c="d" told linux/arm64\n', 'note.txt': 'from the context\n' });
      const two = await exported([...flags, '--platform', 'linux/amd64,linux/arm64']);
      expect(two['linux_arm64/arguments']).toBe('a b,c="d" unset linux/arm64\n');
      expect(two['linux_amd64/arguments']).toBe('a b,c="d" unset linux/amd64\n');
    });

    it('--target and --secret, from a file and from the environment', async () => {
      const file = path.join(directory, 'secret, with comma');
      await writeFile(file, 'in-the-file\n');
      const secrets = ['--secret', `id=from-file,"src=${file}"`, '--secret', 'id=from-env,env=HIDDEN'];
      const tree = await exported(['--target', 'secrets', ...secrets, '.'], { env: { HIDDEN: 'in-the-environment' } });
      expect(tree['secrets']).toBe('in-the-file\nin-the-environment\n');
    });

    it('--ssh with a key', async () => {
      const key = path.join(directory, 'key');
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      expect((await exported(['--target', 'agent', '--ssh', `default=${key}`, '.']))['agent']).toBe('reached\n');
    });

    it('--build-context with a directory and with an image', async () => {
      const named = path.join(directory, 'named');
      await mkdir(named, { recursive: true });
      await writeFile(path.join(named, 'Dockerfile'), 'FROM busybox:1.37\nRUN echo an-image > /marker\n');
      const ref = `${registry.host}/named:1`;
      await built('buildctl', ['-t', ref, '--push', named]);
      const image = await exported(['--target', 'named', '--build-context', `other=docker-image://${ref}`, '.']);
      expect(image['named']).toBe('an-image\n');
      const overridden = path.join(directory, 'note-context');
      await mkdir(overridden);
      await writeFile(path.join(overridden, 'given'), 'a directory\n');
      const file = 'FROM scratch\nCOPY --from=extra given /\n';
      expect(await exported(['-f', '-', '--build-context', `extra=${overridden}`, '.'], { stdin: file })).toEqual({
        given: 'a directory\n',
      });
    });

    it('-f with a file elsewhere and a Dockerfile from standard input', async () => {
      const file = path.join(directory, 'elsewhere.Dockerfile');
      await writeFile(file, 'FROM scratch\nCOPY note.txt /from-a-file\n');
      expect(await exported(['-f', file, '.'])).toEqual({ 'from-a-file': 'from the context\n' });
      const stdin = 'FROM scratch\nCOPY note.txt /from-stdin\n';
      expect(await exported(['-f', '-', '.'], { stdin })).toEqual({ 'from-stdin': 'from the context\n' });
    });

    it('--add-host, --shm-size, --ulimit, --no-cache-filter and --pull', async () => {
      const flags = [
        '--add-host',
        'known.example:192.0.2.7',
        '--shm-size=96m',
        '--ulimit',
        'nofile=1234:1234',
        '--pull',
      ];
      const tree = await exported(['--target', 'network', '--no-cache-filter', 'run-network', ...flags, '.']);
      expect(tree['hosts']).toMatch(/192\.0\.2\.7\s+known\.example/);
      expect(tree['shm']).toBe('98304\n');
      expect(tree['files']).toBe('1234\n');
    });
  });
});

describe.each(ENGINES)(`%s (seed ${SLICE_SEED})`, (engine) => {
  someOf(4, (it) => {
    it('streams a tar to a clean standard output', async () => {
      for (const output of ['-', 'type=tar', 'type=tar,dest=-']) {
        const env = envOf(engine);
        const args = ['build', '--progress', 'plain', '-o', output, '.'];
        const { stdout } = await execute(process.execPath, [path.resolve('src/cli/main.ts'), ...args], {
          env: { ...process.env, PATH: `${path.dirname(toolPath('buildctl'))}:${process.env['PATH']}`, ...env },
          cwd: context,
          encoding: 'buffer',
        });
        const file = newOutput();
        await writeFile(file, stdout);
        const { stdout: listed } = await execute('tar', ['-tf', file]);
        expect(listed.split('\n').map((name) => name.replace('./', ''))).toEqual(
          expect.arrayContaining(['arguments', 'note.txt']),
        );
      }
    });

    it('writes OCI and docker archives that carry the name', async () => {
      for (const type of ['oci', 'docker']) {
        const file = newOutput();
        const run = await built(engine, ['-t', 'registry.example/app:7', '-o', `type=${type},dest=${file}`, '.']);
        expect(run.stdout).toBe('');
        const { stdout } = await execute('tar', ['-xOf', file, 'index.json']);
        expect(stdout).toContain('registry.example/app:7');
        expect((await execute('skopeo', ['inspect', `${type}-archive:${file}`])).stdout).toContain('"by-the-file"');
      }
    });

    it('pushes by --push, and by -o type=registry, with every tag, labels and a file with the digest', async () => {
      const [one, two] = [`${registry.host}/${engine}/app:1`, `${registry.host}/${engine}/app:2`];
      const metadata = newOutput();
      const iid = newOutput();
      const files = ['--metadata-file', metadata, '--iidfile', iid];
      const label = ['--label', 'asked=for this', '--label', 'bare'];
      const run = await built(engine, ['-t', one, '-t', two, ...label, ...files, '--push', '--quiet', '.']);
      const digest = await crane('digest', one);
      expect(await crane('digest', two)).toBe(digest);
      const { 'containerimage.digest': told } = JSON.parse(await readFile(metadata, 'utf8')) as Record<string, unknown>;
      expect(told).toBe(digest);
      expect(run.stdout).toBe(`${await readFile(iid, 'utf8')}\n`);
      expect(run.stderr).toBe('');
      expect(run.stdout.trim()).toBe(digest);
      const config = JSON.parse(await crane('config', '--platform', 'linux/amd64', one)) as {
        config: { Labels: object };
      };
      expect(config.config.Labels).toEqual({ asked: 'for this', bare: '', made: 'by-the-file' });
      await crane('validate', '--remote', one);
      const three = `${registry.host}/${engine}/app:3`;
      await built(engine, ['-t', three, '-o', 'type=registry', '.']);
      expect(await crane('ls', `${registry.host}/${engine}/app`)).toBe('1\n2\n3');
      const out = newOutput();
      await execute(toolPath('crane'), ['export', '--platform', 'linux/amd64', three, out]);
      expect((await execute('tar', ['-xOf', out, 'note.txt'])).stdout).toBe('from the context\n');
    });

    for (const type of ['local', 'registry']) {
      it(`--cache-to and --cache-from of type ${type} carry layers to another worker`, async () => {
        const ref = `${registry.host}/${engine}/layers`;
        const place = newOutput();
        const [to, from] =
          type === 'local'
            ? [`type=local,dest=${place}`, `type=local,src=${place}`]
            : [`type=registry,ref=${ref},mode=max`, ref];
        const argument = ['--build-arg', `FLAG=${engine}-${type}`];
        expect((await built(engine, [...argument, '--cache-to', to, '.'])).stderr).toContain('step 42 ran');
        const second = await built(engine, [...argument, '--cache-from', from, '-o', newOutput(), '.'], {
          where: other,
        });
        expect(second.stderr).toMatch(/#\d+ CACHED/);
        expect(second.stderr).not.toContain('step 42 ran');
      });
    }

    it('--no-cache runs the steps again, and --quiet without an image prints nothing', async () => {
      await built(engine, ['.']);
      expect((await built(engine, ['.'])).stderr).not.toContain('step 42 ran');
      expect((await built(engine, ['--no-cache', '.'])).stderr).toContain('step 42 ran');
      expect(await built(engine, ['--quiet', '.'])).toMatchObject({ stdout: '', stderr: '' });
    });

    it('passes the exit code on with the failing step, its log and its line; nothing is saved', async () => {
      const store = newOutput();
      const file = [
        'FROM busybox:1.37',
        'ENV GOCACHE=/go-cache',
        'RUN --mount=type=cache,target=/go-cache echo fails in $((40 + 1)) && exit 42',
        '',
      ].join('\n');
      const flags = ['--store', `type=local,dest=${store}`, '--scope', 'main', '--format', 'json', '-f', '-', '.'];
      const run = await build(engine, flags, { stdin: file });
      expect(run.exitCode).toBe(1);
      expect(JSON.parse(run.stdout)).toMatchObject({
        buildExitCode: 1,
        restore: { state: 'nothing-stored' },
        save: { state: 'skipped', reason: 'the build failed' },
      });
      expect(run.stderr).toContain('fails in 41');
      expect(run.stderr).toContain('exit code: 42');
      expect(run.stderr).toMatch(/3 \| >>> RUN --mount=type=cache,target=\/go-cache echo fails in/);
      expect(run.stderr).toMatch(/slipway: build failed;/);
    });

    it('says what the client says of an output that can’t be', async () => {
      const run = await build(engine, ['-o', `type=local,dest=${path.join(context, 'Dockerfile')}`, '.']);
      expect(run.exitCode).toBe(1);
      expect(run.stderr).toMatch(/Dockerfile/);
    });
  });
});

it('prints under --quiet what buildx prints', async () => {
  const ref = `${registry.host}/quiet:1`;
  const flags = ['--provenance=false', '-t', ref, '--push', '--quiet', '.'];
  const env = { ...process.env, ...envOf('buildx') };
  const real = await execute(toolPath('buildx'), ['build', ...flags], { env, cwd: context });
  expect(real.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  for (const engine of ENGINES) expect((await built(engine, flags)).stdout).toBe(real.stdout);
});

it('--builder names the builder, and means buildx also where BUILDKIT_HOST is set', async () => {
  const run = await build('buildx', ['--builder', 'elsewhere', '.'], {
    env: { BUILDX_BUILDER: 'here', ...worker.env },
  });
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stderr).toContain('engine: docker buildx, builder elsewhere (remote)');
});

it('--load needs Docker: buildx says so, buildctl names what to write instead', async () => {
  const loaded = await build('buildx', ['--load', '.'], { env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } });
  expect(loaded.exitCode).toBe(1);
  expect(loaded.stderr).toMatch(/ERROR: .*nonexistent\/docker\.sock/);
  const refused = await build('buildctl', ['--load', '.']);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toContain('`--load` has no equivalent under buildctl');
  expect(refused.stderr).toContain('type=docker,dest=');
});

const REFUSED: readonly (readonly [flags: readonly string[], name: string])[] = [
  [['--annotation', 'a=b'], '--annotation'],
  [['--policy=x'], '--policy'],
  [['--resource', 'memory=1g'], '--resource'],
  [['--network', 'bridge'], '--network bridge'],
  [['--check'], '--check'],
  [['--engine', 'buildctl', '--builder', 'here'], '--builder'],
  [['--build-context', 'x=oci-layout:///nowhere'], '--build-context x=oci-layout'],
];

it.each(seededSample(REFUSED, 3))('buildctl: %j is refused by name before anything runs', async (flags, name) => {
  const run = await build('buildctl', [...flags, '.']);
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain(`\`${name}`);
  expect(run.stderr).toContain('has no equivalent under buildctl');
  expect(run.stderr).not.toMatch(/slipway: restore|step 42 ran|load build definition/);
});

it('--push without a name is refused', async () => {
  const run = await build('buildctl', ['--push', '.']);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('a push needs a name');
});
