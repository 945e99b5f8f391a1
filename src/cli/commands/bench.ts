import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { planBench, planSamples } from '../../bench/plan-bench.ts';
import { loadConfig } from '../../config/load-config.ts';
import { SlipwayError } from '../../core/errors.ts';
import { redact } from '../../core/redact.ts';
import {
  type BenchFlags,
  BUILD_FLAGS,
  checkConditions,
  MEASURE_FLAGS,
  readBenchFlags,
  RESULT_FLAGS,
} from '../bench/flags.ts';
import { measure, readWishes } from '../bench/measure.ts';
import { formatPlan, planDocument } from '../bench/print-plan.ts';
import { printResults, readResultsFile } from '../bench/print-results.ts';
import type { LoadedCommand } from '../command-table.ts';
import type { ParsedWords } from '../flag-words.ts';
import { readSurroundings } from '../init/read-surroundings.ts';
import type { CliIo } from '../io.ts';
import { readTree } from '../../project/read-tree.ts';
import { readOptionFlags } from '../own-flags.ts';
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
