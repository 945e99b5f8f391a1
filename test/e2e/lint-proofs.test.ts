import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from '../../src/lint/rules/index.ts';
import { buildImage, compiledPackages, runImage } from '../helpers/built-image.ts';
import { LINT_PROOFS, PROOF_MODULE, type LintProof, type ProofFiles } from '../helpers/lint-proofs.ts';
import { type ModuleProxy, startModuleProxy } from '../helpers/module-proxy.ts';
import { runPlainBuild } from '../helpers/plain-build.ts';
import { makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { seededSlice, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

/**
 * What rules say is true: the file that a rule finds and the one that its fix makes are built by BuildKit, and what it said it costs is
 * measured in both: packages compiled, modules downloaded, a build or a program that fails, the platform of a program.
 * CI takes a slice that SLIPWAY_SEED draws; `npm run torture` takes all.
 */
describe(`what rules find costs what they say, seed ${SLICE_SEED}`, () => {
  let worker: Worker;
  let proxy: ModuleProxy;
  let home: string;
  let runs = 0;

  beforeAll(async () => {
    worker = await startGoWorker();
    proxy = await startModuleProxy(PROOF_MODULE);
    home = await makeCacheHome();
  });

  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await worker?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it.each(seededSlice(LINT_PROOFS, 2))('$rule', async (proof) => {
    expect(RULES.map(({ id }) => id)).toContain(proof.rule);
    const files = withProxy(proof.files, proxy);
    const good =
      proof.good === undefined ? await fix(proof, files) : withProxy({ ...proof.files, ...proof.good }, proxy);
    expect(good).not.toEqual(files);
    expect(await findingsOf(proof, files), 'the bad file').toContain(proof.rule);
    expect(await findingsOf(proof, good), 'the good file').not.toContain(proof.rule);
    expect(await measure(proof, files), 'the bad file').toEqual(proof.bad);
    expect(await measure(proof, good), 'the good file').toEqual(proof.fixed);
  });

  /** Only this rule's fixes, by the real command. */
  async function fix(proof: LintProof, files: ProofFiles): Promise<ProofFiles> {
    return inDirectory(files, async (directory) => {
      const { stderr, exitCode } = await lint(proof, directory, [
        '--fix',
        ...(proof.isUnsafe === true ? ['--unsafe-fixes'] : []),
      ]);
      expect([exitCode, stderr]).toEqual([0, '']);
      const read = async (path: string): Promise<[string, string]> => [
        path,
        await readFile(join(directory, path), 'utf8'),
      ];
      return Object.fromEntries(await Promise.all(Object.keys(files).map(read)));
    });
  }

  async function findingsOf(proof: LintProof, files: ProofFiles): Promise<readonly string[]> {
    return inDirectory(files, async (directory) => {
      const { stdout } = await lint(proof, directory, ['--format', 'json']);
      const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly ruleId: string }[] };
      return findings.map(({ ruleId }) => ruleId);
    });
  }

  function lint({ rule }: LintProof, directory: string, words: readonly string[]) {
    const others = RULES.filter(({ id }) => id !== rule).flatMap(({ id }) => ['--rule', `${id}=off`]);
    return runSlipway(['lint', ...words, ...others], { cwd: directory, env: { HOME: home } });
  }

  function measure(proof: LintProof, files: ProofFiles): Promise<unknown> {
    runs += 1;
    // Layers and cache mounts of one build are of no use to another.
    const own = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, text.replaceAll('CASE', `case-${runs}`)]),
    );
    return inDirectory(own, (context) =>
      proof.measure({
        build: async (more = []) => {
          const before = proxy.requests.length;
          const { exitCode, log } = await runPlainBuild(worker, context, { more });
          const downloads = proxy.requests.slice(before).filter((path) => path.endsWith('.zip')).length;
          return { exitCode, log, downloads, compiled: compiledPackages(log) };
        },
        image: (platform) => buildImage(worker, { context, out: join(context, '..', 'out'), platform }),
        run: runImage,
        edit: async () => {
          const file = join(context, 'main.go');
          const text = await readFile(file, 'utf8');
          await writeFile(file, text.replace(/edited = ".*"/, `edited = "${Date.now()}"`));
        },
      }),
    );
  }
});

async function inDirectory<T>(files: ProofFiles, action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-proof-'));
  const context = join(directory, 'context');
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), text);
    }
    return await action(context);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function withProxy(files: ProofFiles, { url }: ModuleProxy): ProofFiles {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replaceAll('MODULE_PROXY', url)]));
}
