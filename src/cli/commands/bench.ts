import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { copyTree } from '../../bench/copy-tree.ts';
import { type HostPrograms, hostPrograms } from '../../bench/host-programs.ts';
import { readMachine } from '../../bench/machine.ts';
import { type BenchPlan, type BenchWishes, planBench, planSamples } from '../../bench/plan-bench.ts';
import type { BenchResults } from '../../bench/results.ts';
import { runBench } from '../../bench/run-bench.ts';
import { loadConfig } from '../../config/load-config.ts';
import { userCacheDirectory, type Settings } from '../../config/options.ts';
import { SlipwayError } from '../../core/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { redact } from '../../core/redact.ts';
import { readOptional } from '../../core/read-optional.ts';
import { readBuildFacts } from '../../dockerfile/build-facts.ts';
import { readBuildArgs } from '../../warm/plan-build.ts';
import { makeBenchDirectory, removeAfterExit } from '../bench/bench-directory.ts';
import {
  type BenchFlags,
  BUILD_FLAGS,
  checkConditions,
  MEASURE_FLAGS,
  readBenchFlags,
  RESULT_FLAGS,
} from '../bench/flags.ts';
import { openWorkers } from '../bench/open-workers.ts';
import { formatPlan, planDocument } from '../bench/print-plan.ts';
import { printResults, readResultsFile, writeResults } from '../bench/print-results.ts';
import { createBenchProgress } from '../bench/progress.ts';
import { registryLayers } from '../bench/registry-layers.ts';
import { warmBuildPort } from '../bench/warm-build.ts';
import type { LoadedCommand } from '../command-table.ts';
import type { ParsedWords } from '../flag-words.ts';
import { readSurroundings } from '../init/read-surroundings.ts';
import type { CliIo } from '../io.ts';
import { readTree } from '../lint/read-tree.ts';
import { readOptionFlags } from '../own-flags.ts';
import { rememberBuildArguments } from '../remember-secrets.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

export const benchCommand: LoadedCommand = {
  flags: [...MEASURE_FLAGS, ...BUILD_FLAGS, ...RESULT_FLAGS],
  run: runBenchCommand,
  help: {
    summary: 'Measures ways to cache the Docker build of a Go program, on your repository and this machine.',
    usage: 'slipway bench [OPTIONS] [PATH]',
    sections: [
      { title: 'What is measured', flags: MEASURE_FLAGS },
      { title: 'The build', flags: BUILD_FLAGS },
      { title: 'Results', flags: RESULT_FLAGS },
    ],
    notes: [
      'PATH is the repository (default: the working directory). It is only read: everything is built and edited in a copy.',
      'Each sample starts on an empty BuildKit of its own where slipway starts one; on your own builder, in cache mounts of its own.',
      '`--out` is written anew after each sample, so that a run ended by Ctrl-C leaves what it measured.',
      'Exit codes: 0 ok; 1 the repository does not build, or a condition of `--fail-if` holds; 2 usage; 3 bench itself failed.',
    ],
    examples: [
      'slipway bench --quick',
      'slipway bench --strategy mounts-ephemeral,slipway --scenario edit-main,edit-wide --out now.json .',
      'slipway bench --program ./cmd/api --registry registry.example.com/app/bench --repeats 10',
      'slipway bench --compare before.json --fail-if "slower>10%" .',
      'slipway bench --compare before.json after.json',
      'slipway bench --dry-run',
    ],
  },
};

async function runBenchCommand(parsed: ParsedWords, io: CliIo): Promise<number> {
  const flags = readBenchFlags(parsed);
  const path = readPath(parsed);
  const place = resolve(io.cwd, path ?? '.');
  const kind = statSync(place, { throwIfNoEntry: false });
  const before = flags.compare === undefined ? undefined : await readResultsFile(resolve(io.cwd, flags.compare));
  const config = await loadConfig({
    flags: readOptionFlags(parsed),
    env: io.env,
    directory: kind?.isDirectory() ? place : io.cwd,
  });
  const isJson = config.settings.format === 'json';
  const printing = { isJson, conditions: flags.conditions, before };
  if (before !== undefined && kind?.isFile() === true)
    return printResults(io, await readResultsFile(place), { ...printing, isComparisonOnly: true });
  if (kind?.isDirectory() !== true) {
    throw new SlipwayError('USAGE', `\`${path ?? '.'}\` is no directory`, {
      hint: 'Name the repository to measure, or, behind `--compare`, a file with results.',
    });
  }
  for (const warning of config.warnings) io.stderr.write(`slipway: warning: ${warning}\n`);
  if (flags.isDryRun) return printPlan(io, place, flags, isJson);
  checkConditions(flags);
  checkOut(io, flags);
  const results = await measure(io, place, flags, config.settings);
  return printResults(io, results, { ...printing, isComparisonOnly: false });
}

function readPath(parsed: ParsedWords): string | undefined {
  const [path, extra] = parsed.positionals;
  if (extra === undefined) return path;
  throw new SlipwayError('USAGE', `one PATH is expected, but \`${extra}\` follows \`${path}\``, {
    hint: 'Write strategies and scenarios with commas and no blanks: `--strategy mounts,slipway`.',
  });
}

/** An hour of measuring must not end in a file that can't be written. */
function checkOut(io: CliIo, { out }: BenchFlags): void {
  if (out === undefined) return;
  const parent = dirname(resolve(io.cwd, out));
  if (statSync(parent, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new SlipwayError('USAGE', `\`--out ${out}\`: there is no directory \`${parent}\``, {
    hint: 'Make it, or name a file somewhere else.',
  });
}

/** The words of the command line with what they name read. */
async function readWishes(io: CliIo, { wishes, file, buildArgs }: BenchFlags): Promise<BenchWishes> {
  rememberBuildArguments(buildArgs, io.env);
  return {
    ...wishes,
    dockerfile: file === undefined ? undefined : { path: file, text: await readDockerfile(io, file) },
    buildArgs: readBuildArgs(buildArgs, io.env),
  };
}

async function readDockerfile(io: CliIo, file: string): Promise<string> {
  const text = await readOptional(resolve(io.cwd, file));
  if (text !== undefined) return text;
  throw new SlipwayError('DOCKERFILE_MISSING', `there is no Dockerfile at \`${file}\``, { hint: 'correct `--file`' });
}

async function printPlan(io: CliIo, root: string, flags: BenchFlags, isJson: boolean): Promise<number> {
  const wishes = await readWishes(io, flags);
  const plan = planBench(readTree(root), readSurroundings(io.env, root), wishes);
  const { left } = planSamples(plan, wishes, 'fresh-workers');
  const all = [...plan.left, ...left];
  const text = isJson
    ? `${JSON.stringify(planDocument(plan, wishes, all), undefined, 2)}\n`
    : formatPlan(plan, wishes, all);
  // Build arguments stand in the Dockerfiles.
  await writeOut(io.stdout, redact(text));
  return 0;
}

/** Makes the temporary ground, measures on it, and takes it away again, also after an abort. */
async function measure(io: CliIo, root: string, flags: BenchFlags, settings: Settings): Promise<BenchResults> {
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
  if (plan.ignoreText !== undefined) await writeFile(join(tree, '.dockerignore'), plan.ignoreText);
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
