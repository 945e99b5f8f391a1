import { stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { userCacheDirectory } from '../../config/options.ts';
import { systemClock } from '../../core/clock.ts';
import { errorMessage, SlipwayError } from '../../core/errors.ts';
import { createLogger, type Logger } from '../../core/logger.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { redact } from '../../core/redact.ts';
import { renderBuildkitdToml } from '../../doctor/buildkitd-toml.ts';
import { CHECKS } from '../../doctor/checks.ts';
import { toDocument } from '../../doctor/report.ts';
import { runChecks } from '../../doctor/run-checks.ts';
import type { Check, Finding } from '../../doctor/types.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import type { LoadedCommand } from '../command-table.ts';
import { formatFindings } from '../doctor/format-findings.ts';
import { readHabits } from '../doctor/read-habits.ts';
import { readSetup } from '../doctor/read-setup.ts';
import { shareFacts, type SharedFacts } from '../doctor/shared-facts.ts';
import { allValues, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DEBUG_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { createPaint } from '../progress/paint.ts';
import { writeOut } from '../write-out.ts';

const OWN_FLAGS: readonly FlagSpec[] = [
  { name: 'check', arity: 'list', placeholder: 'ID,…', help: 'Only these checks' },
  {
    name: 'write-buildkitd-toml',
    arity: 'value',
    placeholder: 'FILE',
    help: 'Write a new buildkitd.toml whose garbage collection keeps cache mounts',
  },
];

const OPTIONS = ['store', 'scope', 'read-only', 'cache-timeout', 'engine', 'helper-image', 'format', 'log-level'];
const COMMON_FLAGS: readonly FlagSpec[] = [
  ...OPTION_FLAGS.filter(({ name }) => OPTIONS.includes(name)),
  ...BUILDX_FLAGS.filter(({ name }) => name === 'builder'),
  DEBUG_FLAG,
];

export const doctorCommand: LoadedCommand = {
  flags: [...OWN_FLAGS, ...COMMON_FLAGS],
  run: runDoctor,
  help: {
    summary: 'Looks for what silently costs warmth: in the builder, the stores, this machine and the repository.',
    usage: 'slipway doctor [OPTIONS] [PATH]',
    sections: [
      { title: 'What to do', flags: OWN_FLAGS },
      { title: 'Options', flags: COMMON_FLAGS },
    ],
    notes: [
      'PATH is a directory of the repository, the current one by default. Each check takes ten seconds at most, and what it finds\ncomes with the command that mends it. Nothing is changed and nothing is left behind.',
      `Checks:\n${CHECKS.map(({ id, looksAt }) => `  ${id.padEnd(12)} ${looksAt}`).join('\n')}`,
      'Exit code: 0 with nothing worse than a warning, 1 with errors, 2 for wrong usage.',
    ],
    examples: [
      'slipway doctor',
      'slipway doctor --check builder,gc-policy --builder ci',
      'slipway doctor --check store --store type=registry,ref=registry.example.com/app/cache --read-only',
      'slipway doctor --check gc-policy --write-buildkitd-toml buildkitd.toml',
      'slipway doctor --format json > doctor.json',
    ],
  },
};

async function runDoctor(parsed: ParsedWords, io: CliIo): Promise<number> {
  const checks = chooseChecks(allValues(parsed, 'check'));
  const directory = await readDirectory(parsed.positionals, io.cwd);
  const tomlFile = lastValue(parsed, 'write-buildkitd-toml');
  const toml = tomlFile === undefined ? undefined : await newFile(tomlFile, io.cwd);
  const { settings, configuration, stores, scope } = await readSetup(parsed, io, directory);
  const parts = await io.loadParts();
  const logger = createLogger((level, line) => {
    if (settings['log-level'] === 'debug') io.stderr.write(`slipway: ${level}: ${line}\n`);
  }, settings['log-level'] === 'debug');
  const cacheDirectory = userCacheDirectory(io.env);
  const userBuilder = lastValue(parsed, 'builder');
  const engine = { env: io.env, engine: settings.engine, cacheDirectory, logger, ...(userBuilder && { userBuilder }) };
  await using facts = shareFacts({
    discover: (signal) => parts.discoverEngine({ ...engine, signal }),
    image: settings['helper-image'],
    signal: io.signal,
  });
  const findings = await runChecks(checks, {
    env: io.env,
    homeDirectory: io.env['HOME'] || homedir(),
    cacheDirectory,
    clock: systemClock,
    signal: io.signal,
    engine: facts.engine,
    builder: facts.builder,
    probe: facts.probe,
    configuration,
    stores,
    scope,
    habits: () => readHabits(directory, io.cwd),
  });
  if (toml !== undefined) await writeToml(toml, facts, logger, io);
  const document = toDocument(findings.map(withoutSecrets));
  const text = (): string => formatFindings(document, createPaint(io.stdout, io.env));
  await writeOut(io.stdout, settings.format === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : text());
  return document.counts.error > 0 ? 1 : 0;
}

function chooseChecks(written: readonly string[]): readonly Check[] {
  const ids = written.flatMap((each) => each.split(',')).map((id) => id.trim());
  const known = CHECKS.map(({ id }) => id);
  const wrong = ids.find((id) => !known.includes(id));
  if (wrong !== undefined) {
    const nearest = nearestWord(wrong, known);
    throw new SlipwayError('USAGE', `there is no check \`${wrong}\``, {
      hint: nearest === undefined ? `Write one of ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`,
    });
  }
  return ids.length === 0 ? CHECKS : CHECKS.filter(({ id }) => ids.includes(id));
}

async function readDirectory(positionals: readonly string[], cwd: string): Promise<string> {
  const [written = '.', more] = positionals;
  if (more !== undefined) {
    throw new SlipwayError('USAGE', `\`${more}\` after \`${written}\` means nothing`, { hint: 'Name one directory.' });
  }
  const directory = resolve(cwd, written);
  const isDirectory = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isDirectory) return directory;
  throw new SlipwayError('USAGE', `\`${written}\` is no directory`, { hint: 'Name a directory of the repository.' });
}

/** A file of somebody's is never replaced: told before anything is looked at. */
async function newFile(written: string, cwd: string): Promise<string> {
  const file = resolve(cwd, written);
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return file;
  throw new SlipwayError('USAGE', `\`${written}\` is there already, and \`--write-buildkitd-toml\` replaces nothing`, {
    hint: 'Name a new file, and take its rules over into yours.',
  });
}

/** For the builder that was found; without one, for the newest BuildKit. */
async function writeToml(file: string, facts: SharedFacts, logger: Logger, io: CliIo): Promise<void> {
  const builder = await facts.builder().catch((error: unknown) => {
    logger.info(`the rules are those for the newest BuildKit: ${errorMessage(error)}`);
    return { nodes: [] };
  });
  try {
    await writeFile(file, renderBuildkitdToml(builder), { flag: 'wx' });
  } catch (error) {
    throw new SlipwayError('USAGE', `\`${file}\` can't be written: ${errorMessage(error)}`, { cause: error });
  }
  io.stderr.write(`slipway: wrote ${file}\n`);
}

function withoutSecrets({ check, level, says, mend }: Finding): Finding {
  return { check, level, says: redact(says), ...(mend !== undefined && { mend: redact(mend) }) };
}
