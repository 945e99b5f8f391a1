import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { userCacheDirectory } from '../../config/options.ts';
import { systemClock } from '../../core/clock.ts';
import { SlipwayError } from '../../core/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { redact } from '../../core/redact.ts';
import { CHECKS } from '../../doctor/checks.ts';
import { toDocument } from '../../doctor/report.ts';
import { runChecks } from '../../doctor/run-checks.ts';
import type { Finding } from '../../doctor/types.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import type { LoadedCommand } from '../command-table.ts';
import { chooseChecks } from '../doctor/choose-checks.ts';
import { formatFindings } from '../doctor/format-findings.ts';
import { readHabits } from '../doctor/read-habits.ts';
import { readSetup } from '../doctor/read-setup.ts';
import { readWhyPrivate } from '../doctor/read-why-private.ts';
import { shareFacts } from '../doctor/shared-facts.ts';
import { newTomlFile, writeToml } from '../doctor/write-toml.ts';
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

const OPTIONS = [
  'store',
  'scope',
  'read-only',
  'allow-public',
  'cache-timeout',
  'engine',
  'helper-image',
  'format',
  'log-level',
];
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
  const toml = tomlFile === undefined ? undefined : await newTomlFile(tomlFile, io.cwd);
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
    logger,
    signal: io.signal,
    engine: facts.engine,
    builder: facts.builder,
    probe: facts.probe,
    configuration,
    stores,
    scope,
    whyPrivate: (signal) => readWhyPrivate(directory, io.env, signal),
    allowsPublic: settings['allow-public'],
    habits: () => readHabits(directory, io.cwd),
  });
  if (toml !== undefined) {
    await writeToml(toml, facts, logger);
    io.stderr.write(`slipway: wrote ${toml}\n`);
  }
  const document = toDocument(findings.map(withoutSecrets));
  const text = (): string => formatFindings(document, createPaint(io.stdout, io.env));
  await writeOut(io.stdout, settings.format === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : text());
  return document.counts.error > 0 ? 1 : 0;
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

function withoutSecrets({ check, level, says, mend }: Finding): Finding {
  return { check, level, says: redact(says), ...(mend !== undefined && { mend: redact(mend) }) };
}
