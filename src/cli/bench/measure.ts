import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { copyTree } from '../../bench/copy-tree.ts';
import { type HostPrograms, hostPrograms } from '../../bench/host-programs.ts';
import { readMachine } from '../../bench/machine.ts';
import { type BenchPlan, type BenchWishes, planBench, planSamples } from '../../bench/plan-bench.ts';
import type { BenchResults } from '../../bench/results.ts';
import { runBench } from '../../bench/run-bench.ts';
import { userCacheDirectory, type Settings } from '../../config/options.ts';
import { SlipwayError } from '../../core/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { readOptional } from '../../core/read-optional.ts';
import { readBuildFacts } from '../../dockerfile/build-facts.ts';
import { readBuildArgs } from '../../warm/plan-build.ts';
import { readSurroundings } from '../init/read-surroundings.ts';
import type { CliIo } from '../io.ts';
import { readTree } from '../../project/read-tree.ts';
import { rememberBuildArguments } from '../../session/remember-secrets.ts';
import { readVersion } from '../../session/version.ts';
import { makeBenchDirectory, removeAfterExit } from './bench-directory.ts';
import type { BenchFlags } from './flags.ts';
import { openWorkers } from './open-workers.ts';
import { writeResults } from './print-results.ts';
import { createBenchProgress } from './progress.ts';
import { registryLayers } from './registry-layers.ts';
import { warmBuildPort } from './warm-build.ts';

/** The words of the command line with what they name read. */
export async function readWishes(io: CliIo, { wishes, file, buildArgs }: BenchFlags): Promise<BenchWishes> {
  rememberBuildArguments(buildArgs, io.env);
  return {
    ...wishes,
    dockerfile: file === undefined ? undefined : await readDockerfile(io, file),
    buildArgs: readBuildArgs(buildArgs, io.env),
  };
}

async function readDockerfile(io: CliIo, file: string): Promise<NonNullable<BenchWishes['dockerfile']>> {
  const path = resolve(io.cwd, file);
  const [text, ignoreText] = await Promise.all([readOptional(path), readOptional(`${path}.dockerignore`)]);
  if (text !== undefined) return { path: file, text, ignoreText };
  throw new SlipwayError('DOCKERFILE_MISSING', `there is no Dockerfile at \`${file}\``, { hint: 'correct `--file`' });
}

/** Makes the temporary ground, measures on it, and takes it away again, also after an abort. */
export async function measure(io: CliIo, root: string, flags: BenchFlags, settings: Settings): Promise<BenchResults> {
  const cacheDirectory = userCacheDirectory(io.env);
  const programs = hostPrograms(io.env, io.signal);
  const directory = await makeBenchDirectory(cacheDirectory, programs);
  io.signal.addEventListener('abort', () => removeAfterExit(directory, io.env), { once: true });
  try {
    return await measureIn(io, { root, directory, flags, settings, programs });
  } finally {
    await programs.removeTree(directory);
  }
}

interface Site {
  readonly root: string;
  readonly directory: string;
  readonly flags: BenchFlags;
  readonly settings: Settings;
  readonly programs: HostPrograms;
}

async function measureIn(io: CliIo, site: Site): Promise<BenchResults> {
  const { root, directory, flags, settings, programs } = site;
  const { signal, env } = io;
  const checkout = await copyTree(root, join(directory, 'tree'), { env, signal });
  const tree = checkout.directory;
  const wishes = await readWishes(io, flags);
  const plan = planBench(readTree(tree), readSurroundings(env, root), wishes);
  if (plan.newIgnoreText !== undefined) await writeFile(join(tree, '.dockerignore'), plan.newIgnoreText);
  if (checkout.isDirty)
    io.stderr.write('slipway: note: the tree has changes that no commit has; it is measured with them\n');
  const logger = createLogger((level, line) =>
    io.stderr.write(`slipway: ${level === 'info' ? '' : `${level}: `}${line}\n`),
  );
  const runId = Date.now().toString(36);
  const parts = await io.loadParts();
  const images = imagesOf(plan, settings);
  await using workers = await openWorkers({
    io,
    parts,
    settings,
    builder: flags.builder,
    directory,
    runId,
    images,
    programs,
    logger,
  });
  logger.info(`engine: ${workers.description}`);
  const { runs, left } = planSamples(plan, wishes, workers.isolation);
  const onProgress = createBenchProgress(io.stderr);
  for (const text of [...plan.left, ...left]) onProgress({ kind: 'left', text });
  if (runs.length === 0) {
    throw new SlipwayError('USAGE', 'nothing is left to measure', { hint: 'Name other strategies or scenarios.' });
  }
  const goImage = readBuildFacts(plan.dockerfile, { fileName: 'Dockerfile', buildArgs: {} }).baseImages[0]?.reference;
  const { out } = flags;
  const keep = async (results: BenchResults): Promise<void> => {
    if (out !== undefined) await writeResults(resolve(io.cwd, out), results);
  };
  const results = await runBench({
    ground: {
      plan,
      workers,
      tree,
      directory,
      runId,
      registry: flags.registry && {
        repository: flags.registry.text,
        layersOf: registryLayers(flags.registry, { env, logger }),
      },
      helperImage: settings['helper-image'],
      userBuild: { secrets: flags.secrets, ssh: flags.ssh },
      warmBuild: warmBuildPort(io, parts, settings),
      programs,
      sampleLimitSeconds: flags.sampleLimitSeconds,
      signal,
    },
    runs,
    left: [...plan.left, ...left],
    repeats: flags.wishes.repeats,
    isQuick: flags.isQuick,
    machine: await readMachine(directory, {
      slipway: await readVersion(),
      buildkit: /\bv\d+\.\d+\.\d+\S*/.exec(workers.description)?.[0] ?? workers.description,
      go: goImage ?? 'unknown',
    }),
    checkout,
    timeLimitSeconds: flags.timeLimitSeconds,
    onProgress,
    onPartial: keep,
  });
  await keep(results);
  return results;
}

/** What every sample finds on its builder. */
function imagesOf(plan: BenchPlan, settings: Settings): ReturnType<typeof readBuildFacts>['baseImages'] {
  const { baseImages } = readBuildFacts(plan.dockerfile, { fileName: 'Dockerfile', buildArgs: {} });
  const helper = { reference: settings['helper-image'], platform: undefined };
  return baseImages.some(({ reference }) => reference === helper.reference) ? baseImages : [...baseImages, helper];
}
