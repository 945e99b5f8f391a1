import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBuildxHome, type BuildxHome } from '../helpers/buildx-builder.ts';
import { countCases } from '../helpers/count-cases.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { foundEntries, madeBy, writeMadeCache } from '../helpers/made-cache.ts';
import { startRegistry } from '../helpers/registry.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startJob, type Job, type JobOptions, type StepRun } from '../helpers/runner/job.ts';
import { stageAction, type StagedAction } from '../helpers/runner/staged-action.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';

/** What goes wrong around a build, and the other forms of the action. Machines are apart by the names of their mounts. */
let directory: string;
let app: string;
let action: StagedAction;
let service: GhaServer;
let worker: Worker;
let home: BuildxHome;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-action-jobs-'));
  app = await writeMadeCache(path.join(directory, 'app'));
  action = await stageAction();
  service = await startGhaServer();
  worker = await startWorker();
  home = await makeBuildxHome();
  await home.use('setup', worker.address);
});

afterAll(async () => {
  await worker?.stop();
  await home?.[Symbol.asyncDispose]();
  await service?.stop();
  await action?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function job(options: Partial<JobOptions> = {}): Promise<Job> {
  return startJob({ action: action.directory, workspace: app, env: home.env, service: service.jobEnv(), ...options });
}

/** Inputs for a build on a machine of its own that adds an entry. */
function making(machine: string, entry: string): Readonly<Record<string, string>> {
  return { 'build-args': `BUILDKIT_CACHE_MOUNT_NS=${machine}\nMADE=${entry}` };
}

async function build(job: Job, flags: readonly string[], context = '.') {
  const { exitCode, output } = await job.run([toolPath('buildx'), 'build', '--progress=plain', ...flags, context]);
  return { exitCode, found: foundEntries(output), output };
}

function annotationsOf(steps: readonly StepRun[]): readonly string[] {
  return steps.flatMap(({ annotations }) => annotations.map(({ level, message }) => `${level}: ${message}`));
}

/** How the sentence begins that says what to write. */
const ADVICE =
  / (?:Write|Put|Give|Correct|Name|Make|Start|Did you mean|In a container, mount|No stage has a name: write) /;

describe(`bad input is one annotation that says what to write, and no failure of the job (seed ${SLICE_SEED})`, () => {
  type BadJob = readonly [what: string, inputsOrEnv: Readonly<Record<string, string>>, says: RegExp];

  const BAD_INPUTS: readonly BadJob[] = [
    ['an unknown mode', { mode: 'readonly' }, /the input `mode` can't be `readonly`\. Did you mean `read-only`\?/],
    [
      'two ways to name builds',
      { images: 'context=a', target: 'x' },
      /`images` and `target` can't be given together\. Write/,
    ],
    [
      'a missing Dockerfile',
      { file: 'nowhere/Dockerfile' },
      /nowhere\/Dockerfile`\. Correct `context` or `file`.*`actions\/checkout`/,
    ],
    ['a context that is none', { context: 'größe und mehr' }, /größe und mehr/],
    ['an unknown store', { store: 'type=ftp,host=x' }, /ftp.* /],
    ['a bake file that is none', { bake: 'none.hcl' }, /the bake files can't be read: .*none\.hcl.* Correct `bake`/],
    ['targets without a bake file', { targets: 'api' }, /there is no `bake`\. Write `bake: docker-bake\.hcl` too/],
    ['a field of images that is none', { images: 'context=.,targt=x' }, /has `targt=x`.* Did you mean `target`\?/],
    ['a target that the Dockerfile has not', { target: 'relase' }, /relase/],
    [
      'a platform that is none',
      { platforms: 'linux amd64' },
      /the input `platforms` can't be `linux amd64`\. Write it like `linux\/amd64`/,
    ],
    ['a builder that nobody made', { builder: 'nobody' }, /nobody.* `docker\/setup-buildx-action`/s],
    ['a store that lacks its bucket', { store: 'type=s3,region=x' }, /bucket/],
    ['a context that is an address', { context: 'https://example.com/app.git' }, /app\.git` is an address.* Give/],
    ['a trusted key that is none', { 'trusted-keys': 'größe' }, /`trusted-keys` can't be `größe`/],
    ['a Dockerfile that is a directory', { file: '.' }, /Dockerfile/],
    ['a key that is none', { 'signing-key': 'not a key at all' }, /key/],
  ];

  it.each(seededSample(BAD_INPUTS, 3))('%s', async (_what, inputs, says) => {
    await using run = await job();
    const main = await run.uses({ with: inputs });
    const post = await run.end();
    expect(run.status, main.text).toBe('success');
    const told = annotationsOf([main, ...post]);
    expect(told, main.text).toEqual([expect.stringMatching(says)]);
    expect(told[0]).toMatch(/^warning: /);
    expect(told[0], 'a sentence that says what to do').toMatch(ADVICE);
    expect(main.text).not.toContain('not a key at all');
    countCases({ suite: 'R21', what: 'jobs with bad input', cases: 1 });
  });

  it('a first half that did not get to its build: the second saves nothing, and says why', async () => {
    await using run = await job();
    await run.uses({ with: { mode: 'readonly' } });
    const [post] = await run.end();
    expect(post?.text).toContain('nothing is saved, since the first half of this step did not get to its build');
    expect(post).toMatchObject({ exitCode: 0, annotations: [], summary: '' });
  });

  it.each<BadJob>([
    ['an event that nobody can read', { GITHUB_EVENT_PATH: '/nowhere/event.json' }, /\/nowhere\/event\.json.* unset/],
    [
      'a buildkitd that is not there',
      { BUILDKIT_HOST: 'unix:///nowhere/buildkitd.sock' },
      /\/nowhere\/buildkitd\.sock/,
    ],
    ['a variable with a mistake', { SLIPWAY_TRUST: 'some' }, /SLIPWAY_TRUST.*`all`/],
  ])('%s', async (_what, env, says) => {
    await using run = await job({ env: { ...home.env, ...env } });
    const main = await run.uses({ with: making('surroundings', 'x') });
    const told = annotationsOf([main, ...(await run.end())]);
    expect(told, main.text).toEqual([expect.stringMatching(says)]);
    expect(told[0], 'a sentence that says what to do').toMatch(ADVICE);
    expect(run.status).toBe('success');
    countCases({ suite: 'R21', what: 'jobs with bad input', cases: 1 });
  });

  it('a registry that nobody logged in at: told once, with what to run', async () => {
    const registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
    try {
      await using run = await job();
      const store = `type=registry,ref=${registry.host}/app/cache`;
      const main = await run.uses({ with: { ...making('no-login', 'x'), store } });
      expect((await build(run, madeBy('no-login', 'x'))).exitCode).toBe(0);
      const post = await run.end();
      expect(annotationsOf([main, ...post]), main.text).toEqual([
        expect.stringMatching(/401 .*docker login 127\.0\.0\.1:\d+/),
      ]);
      expect(post[0]?.summary).toContain('| failed: ');
      expect(run.status).toBe('success');
      countCases({ suite: 'R21', what: 'jobs with bad input', cases: 1 });
    } finally {
      await registry.stop();
    }
  });

  it('no builder', async () => {
    await using empty = await makeBuildxHome();
    await using run = await job({ env: empty.env });
    const main = await run.uses();
    expect(annotationsOf([main, ...(await run.end())]), main.text).toEqual([
      expect.stringMatching(
        /docker buildx has no builder that answers: .*Put a step with `docker\/setup-buildx-action` before/s,
      ),
    ]);
    expect(main.outputs).toMatchObject({ hit: 'false' });
    expect(run.status).toBe('success');
  });

  it('no token', async () => {
    await using run = await job({ service: {} });
    const main = await run.uses({ with: making('no-token', 'no-token') });
    expect((await build(run, madeBy('no-token', 'no-token'))).exitCode).toBe(0);
    expect(annotationsOf([main, ...(await run.end())]), main.text).toEqual([
      expect.stringMatching(
        /`ACTIONS_RUNTIME_TOKEN`.* not set\. This runner has no cache service: name another `store`/,
      ),
    ]);
    expect(run.status).toBe('success');
  });

  it('a Dockerfile without mounts, which the step can do nothing for', async () => {
    const workspace = path.join(directory, 'without-mounts');
    await cp(app, workspace, { recursive: true });
    await writeFile(path.join(workspace, 'Dockerfile'), 'FROM golang:1.26\nCOPY . .\nRUN go build -o /app .\n');
    await using run = await job({ workspace });
    const main = await run.uses();
    expect(annotationsOf([main, ...(await run.end())]), main.text).toEqual([
      expect.stringMatching(/no cache mounts for Go\. Add `--mount=type=cache/),
    ]);
  });

  it('a configuration file with a mistake, by its line', async () => {
    const workspace = path.join(directory, 'misconfigured');
    await cp(app, workspace, { recursive: true });
    await writeFile(path.join(workspace, '.slipway.yaml'), 'scope: main\nstoer: type=gha\n');
    await using run = await job({ workspace });
    const main = await run.uses();
    expect(annotationsOf([main, ...(await run.end())]), main.text).toEqual([expect.stringMatching(/stoer.*store/s)]);
  });
});

describe('who may write', () => {
  const repository = { default_branch: 'main', full_name: 'us/app' };
  const fork = {
    repository,
    pull_request: { number: 8, head: { repo: { full_name: 'them/app' } }, base: { repo: { full_name: 'us/app' } } },
  };

  it('a push saves; a pull request from a fork and an unknown event read only; nothing is annotated', async () => {
    await using push = await job();
    const first = await push.uses({ with: making('push', 'by-push') });
    expect(first.outputs['scope']).toBe('main');
    await build(push, madeBy('push', 'by-push'));
    expect(annotationsOf([first, ...(await push.end())])).toEqual([]);
    const entries = service.entries().length;
    expect(entries).toBeGreaterThan(0);

    for (const [name, ref, payload] of [
      ['pull_request', 'refs/pull/8/merge', fork],
      ['made_up_next_year', 'refs/heads/main', { repository }],
    ] as const) {
      await using reader = await job({ event: { name, ref, payload } });
      const main = await reader.uses({ with: making(name, name) });
      expect(main.outputs, main.text).toMatchObject({ hit: 'true', scope: '' });
      expect((await build(reader, madeBy(name, name))).found).toEqual(['by-push']);
      const post = await reader.end();
      expect(annotationsOf([main, ...post])).toEqual([]);
      expect(post[0]?.summary).toMatch(/skipped: .*(?:fork|made&#95;up)/);
    }
    expect(service.entries()).toHaveLength(entries);
  });

  it('a token that may not write', async () => {
    await using run = await job({ service: service.jobEnv({ canWrite: false }) });
    const entries = service.entries().length;
    const main = await run.uses({ with: making('denied', 'denied') });
    expect(main.outputs['hit'], main.text).toBe('true');
    await build(run, madeBy('denied', 'denied'));
    const post = await run.end();
    expect(annotationsOf([main, ...post])).toEqual([]);
    expect(post[0]?.summary).toMatch(/skipped.*cache write denied/);
    expect(service.entries()).toHaveLength(entries);
  });

  it('mode read-write lifts what the event forbids, into a scope of its own', async () => {
    await using run = await job({ event: { name: 'issue_comment', ref: 'refs/heads/main', payload: { repository } } });
    const main = await run.uses({ with: { ...making('lifted', 'lifted'), mode: 'read-write' } });
    expect(main.outputs['scope'], main.text).toBe('event-issue_comment');
  });
});

describe('a job that does not go well', () => {
  it('the build fails: nothing is saved', async () => {
    await using run = await job();
    await run.uses({ with: making('fails', 'fails') });
    const entries = service.entries().length;
    await build(run, [...madeBy('fails', 'fails'), '--target=none']);
    expect(run.status).toBe('failure');
    expect(await run.end()).toEqual([]);
    expect(service.entries()).toHaveLength(entries);
  });

  it('the run is cancelled while it restores: the step ends soon, by the signal, and has no second half', async () => {
    await using run = await job();
    const main = await run.uses({ with: making('cancelled', 'x'), cancelAt: 'engine: docker buildx' });
    expect(main.exitCode, main.text).toBe(130);
    expect(annotationsOf([main])).toEqual([]);
    expect(await run.end()).toEqual([]);
  });
});

describe(`other forms (seed ${SLICE_SEED})`, () => {
  someOf(2, (it) => {
    it('restore and save as steps of their own, in a directory with spaces and other scripts', async () => {
      const workspace = path.join(directory, 'größe und Gewicht');
      await writeMadeCache(path.join(workspace, 'serviço a'));
      const inputs = { context: 'serviço a', scope: 'größe', store: 'type=gha,scope=alone' };
      for (const [machine, found] of [
        ['one', []],
        ['two', ['one']],
      ] as const) {
        await using run = await job({ workspace });
        const restored = await run.uses({ sub: 'restore', with: { ...inputs, ...making(machine, machine) } });
        expect((await build(run, madeBy(machine, machine), 'serviço a')).found).toEqual(found);
        const saved = await run.uses({ sub: 'save', with: { ...inputs, ...making(machine, machine) } });
        expect(annotationsOf([restored, saved]), saved.text).toEqual([]);
        expect(saved.summary).toContain('| serviço a/Dockerfile | saved |');
        expect(await run.end()).toEqual([]);
      }
    });

    it('several images, each with its own mounts', async () => {
      const scope = { scope: 'several', store: 'type=gha,scope=several' };
      const images = (machine: string): string =>
        ['a', 'b']
          .map((name) => `build-arg=BUILDKIT_CACHE_MOUNT_NS=${machine}-${name},build-arg=MADE=${name}`)
          .join('\n');
      await using first = await job();
      await first.uses({ with: { ...scope, images: images('first') } });
      for (const name of ['a', 'b']) await build(first, madeBy(`first-${name}`, name));
      expect(annotationsOf(await first.end())).toEqual([]);
      await using second = await job();
      const main = await second.uses({ with: { ...scope, images: images('second') } });
      expect(main.outputs['hit'], main.text).toBe('true');
      expect(JSON.parse(main.outputs['report'] ?? '')).toHaveLength(2);
      expect((await build(second, madeBy('second-b', 'c'))).found).toEqual(['a', 'b']);
    });

    it('the targets of a bake file with spaces and other scripts in its name, with its variables; two that have the same mounts are served together', async () => {
      const workspace = path.join(directory, 'baked');
      await writeMadeCache(path.join(workspace, 'ein Dienst'));
      const hcl = `variable "MACHINE" { default = "none" }
variable "MADE" { default = "baked" }
group "default" { targets = ["again", "app"] }
target "app" {
  context = "ein Dienst"
  args = { BUILDKIT_CACHE_MOUNT_NS = MACHINE, MADE = MADE }
}
target "again" { inherits = ["app"] }
`;
      await writeFile(path.join(workspace, 'größe und mehr.hcl'), hcl);
      const bake = { bake: 'größe und mehr.hcl', store: 'type=gha,scope=baked' };
      const bakeOn = (machine: string, made: string) => ({ ...home.env, MACHINE: machine, MADE: made });
      await using first = await job({ workspace, env: bakeOn('bake-1', 'first') });
      await first.uses({ with: bake });
      await first.run([toolPath('buildx'), 'bake', '--progress=plain', '--file=größe und mehr.hcl']);
      const [saved] = await first.end();
      expect(saved?.summary, saved?.text).toContain('| target again; target app | saved |');
      await using second = await job({ workspace, env: bakeOn('bake-2', 'second') });
      const main = await second.uses({ with: bake });
      expect(main.outputs['hit'], main.text).toBe('true');
      const { output } = await second.run([
        toolPath('buildx'),
        'bake',
        '--progress=plain',
        '--file=größe und mehr.hcl',
      ]);
      expect(foundEntries(output)).toEqual(['first']);
    });

    it('without inputs, what the workflow of the job builds', async () => {
      const workspace = path.join(directory, 'found');
      await writeMadeCache(path.join(workspace, 'service'));
      await mkdir(path.join(workspace, '.github/workflows'), { recursive: true });
      const runOn = async (machine: string): Promise<Job> => {
        const text = `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: service
          build-args: |
            BUILDKIT_CACHE_MOUNT_NS=${machine}
            MADE=${machine}
`;
        await writeFile(path.join(workspace, '.github/workflows/image.yml'), text);
        const named = {
          GITHUB_WORKFLOW_REF: 'us/app/.github/workflows/image.yml@refs/heads/main',
          GITHUB_JOB: 'image',
        };
        return job({ workspace, env: { ...home.env, ...named } });
      };
      const inputs = { store: 'type=gha,scope=found' };
      await using first = await runOn('found-1');
      await first.uses({ with: inputs });
      await build(first, madeBy('found-1', 'found-1'), 'service');
      expect((await first.end())[0]?.summary).toContain('| service/Dockerfile | saved |');
      await using second = await runOn('found-2');
      const main = await second.uses({ with: inputs });
      expect(JSON.parse(main.outputs['report'] ?? '')).toMatchObject([{ image: 'service/Dockerfile' }]);
      expect((await build(second, madeBy('found-2', 'found-2'), 'service')).found).toEqual(['found-1']);
    });

    for (const when of ['done by then', 'still at it']) {
      it(`prefetch before the builder is set up, ${when} when the restore takes over`, async () => {
        const inputs = { store: 'type=gha,scope=prefetched' };
        const machine = when.replaceAll(' ', '-');
        await using first = await job();
        await first.uses({ with: { ...inputs, ...making(`${machine}-1`, 'first') } });
        await build(first, madeBy(`${machine}-1`, 'first'));
        await first.end();
        await using second = await job();
        const ahead = await second.uses({ sub: 'prefetch', with: inputs });
        const log = path.join(second.temporary, 'slipway-prefetch', 'log');
        const said = (): Promise<string> => readFile(log, 'utf8');
        if (when === 'done by then') await expect.poll(said, { timeout: 60_000 }).toContain('slipway: prefetch done; ');
        const main = await second.uses({ with: { ...inputs, ...making(`${machine}-2`, 'second') } });
        expect(annotationsOf([ahead, main]), main.text).toEqual([]);
        expect(main.outputs['hit'], main.text).toBe('true');
        if (when === 'done by then') expect(main.outputs['restored-bytes'], main.text).toBe('0');
        expect((await build(second, madeBy(`${machine}-2`, 'second'))).found).toContain('first');
        await second.end();
      });
    }

    it('prefetch that can not: one annotation by the step that restores', async () => {
      await using run = await job();
      const ahead = await run.uses({ sub: 'prefetch', with: { store: 'type=ftp,host=x' } });
      expect(ahead.exitCode, ahead.text).toBe(0);
      expect(annotationsOf([ahead])).toEqual([]);
      const main = await run.uses({ with: { store: 'type=ftp,host=x' } });
      expect(annotationsOf([main])).toHaveLength(1);
      expect(main.text).toMatch(/slipway: error: .*ftp/);
    });

    it('lint: annotations beside the restore, which never fail the job; alone they do, from the threshold on', async () => {
      const workspace = path.join(directory, 'linted');
      await cp(app, workspace, { recursive: true });
      const dockerfile = 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -a -o /app .\n';
      await writeFile(path.join(workspace, 'Dockerfile'), dockerfile);
      await writeFile(path.join(workspace, 'go.mod'), 'module example.com/app\n\ngo 1.26\n');
      await using around = await job({ workspace });
      const main = await around.uses({ with: { lint: 'true' } });
      // The step's own is that there is no mount.
      const findings = main.annotations.filter(({ properties }) => properties['file'] !== undefined);
      expect(findings[0]?.properties, main.text).toMatchObject({ file: 'Dockerfile', line: '4' });
      expect(around.status).toBe('success');
      await using alone = await job({ workspace });
      const lint = await alone.uses({ sub: 'lint', with: { 'failure-threshold': 'low' } });
      expect(lint.exitCode, lint.text).toBe(1);
      expect(lint.annotations).toEqual(findings);
      await using wrong = await job({ workspace });
      const refused = await wrong.uses({ sub: 'lint', with: { 'failure-threshold': 'hgih' } });
      expect(annotationsOf([refused]), refused.text).toEqual([
        expect.stringMatching(/^warning: lint: `failure-threshold` can't be `hgih`\. .*high/),
      ]);
      expect(refused.exitCode).not.toBe(0);
      await using calm = await job({ workspace });
      expect((await calm.uses({ sub: 'lint', with: { 'failure-threshold': 'none' } })).exitCode).toBe(0);
    });
  });
});
