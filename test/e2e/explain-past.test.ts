import { execFile } from 'node:child_process';
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainSchema } from '../../scripts/explain-schema.ts';
import type { ExplainDocument } from '../../src/explain/document.ts';
import {
  buildSmall,
  layGround,
  storeFlags,
  type Ground,
  type Machine,
  type SmallApp,
} from '../helpers/faulty-ground.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { toolPath } from '../helpers/tools.ts';
import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';

const run = promisify(execFile);

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
}, 600_000);
afterAll(async () => ground?.[Symbol.asyncDispose]());

async function explain(app: SmallApp, machine: Machine, words: readonly string[] = []): Promise<ExplainDocument> {
  const asked = await runSlipway(['explain', '--format', 'json', ...words, app.directory], { env: machine.env });
  expect(asked.exitCode, asked.stderr).toBe(0);
  return explainSchema.parse(JSON.parse(asked.stdout));
}

const told = ({ steps }: ExplainDocument): readonly string[] =>
  steps.map(({ keyword, state, causes }) => [keyword, state, causes[0]?.kind, causes[0]?.subject].join(' ').trim());

describe(`explain after a build (seed ${SLICE_SEED})`, () => {
  it('tells of the last slipway build: what ran, and which file made it', async () => {
    const first = await buildSmall(ground, { store: ground.seedStore });
    const { app, machine } = first;
    expect(told(await explain(app, machine))[1]).toBe('COPY re-run unknown the first build');

    // One line of main.go is edited before each build.
    await buildSmall(ground, { store: ground.seedStore, app, machine });
    const second = await explain(app, machine);
    expect(second.tells).toBe('build');
    expect(told(second)).toEqual([
      'WORKDIR cached',
      'COPY re-run file main.go',
      'RUN re-run step COPY in line 4',
      'COPY re-run output build',
    ]);
    expect(second.steps[2]?.seconds).toBeGreaterThan(0);
    expect(second.packages).toEqual([
      { path: 'main', platform: expect.stringMatching(/^linux\//), kind: 'sources', detail: expect.any(String) },
    ]);

    // A package that main imports: both are compiled, one for the other's sake.
    const word = path.join(app.directory, 'internal/word/word.go');
    await appendFile(word, '\nfunc Other() int { return 2 }\n');
    await buildSmall(ground, { store: ground.seedStore, app, machine });
    // It came out of the store until now, so nothing is known of it but that it is new here.
    const third = (await explain(app, machine)).packages?.map(({ path: name, kind }) => `${name} ${kind}`);
    expect(third).toEqual(['example.com/buoy/internal/word new', 'main import']);
  });

  someOf(1, (it) => {
    it('tells of a plain buildctl build by its rawjson, failures too', async () => {
      const { app, machine } = await buildSmall(ground, { store: ground.seedStore });
      const main = path.join(app.directory, 'main.go');
      await writeFile(main, 'package main\n\nfunc main() { undefined() }\n');
      const failed = await plainBuild(app).then(
        () => expect.fail('the build should fail'),
        (error: { readonly stderr: string }) => error.stderr,
      );
      const log = path.join(ground.directory, 'build.log');
      await writeFile(log, failed);
      expect(told(await explain(app, machine, ['--from-log', log]))).toEqual([
        'WORKDIR cached',
        'COPY re-run file main.go',
        'RUN failed step COPY in line 4',
        'COPY not-run',
      ]);
    });

    it('names the packages of a plain build when slipway save looked into the cache after it, once', async () => {
      const { app, machine } = await buildSmall(ground, { store: ground.seedStore });
      const [first, second] = [path.join(ground.directory, 'first.log'), path.join(ground.directory, 'second.log')];
      await app.edit();
      await writeFile(first, (await plainBuild(app)).stderr);
      const saved = await runSlipway(['save', ...storeFlags(ground.seedStore), app.directory], { env: machine.env });
      expect(saved.exitCode, saved.stderr).toBe(0);
      const { packages } = await explain(app, machine, ['--from-log', first]);
      expect(packages?.map(({ path: name, kind }) => `${name} ${kind}`)).toEqual(['main sources']);

      // Nobody looked after this one.
      await app.edit();
      await writeFile(second, (await plainBuild(app)).stderr);
      const unseen = await explain(app, machine, ['--from-log', second]);
      expect(told(unseen)[2]).toBe('RUN re-run step COPY in line 4');
      expect(unseen.packages).toBeUndefined();
    });
  });
});

/** By buildctl alone; what it says is its rawjson. */
function plainBuild(app: SmallApp): Promise<{ readonly stderr: string }> {
  const args = ['--addr', ground.worker.address, 'build', '--progress=rawjson', '--frontend', 'dockerfile.v0'];
  const local = ['--local', `context=${app.directory}`, '--local', `dockerfile=${app.directory}`];
  return run(toolPath('buildctl'), [...args, ...local], { maxBuffer: 64 << 20 });
}
