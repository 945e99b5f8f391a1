import { THRESHOLDS, type Threshold } from '../../config/lint-section.ts';
import { loadConfig, type Config } from '../../config/load-config.ts';
import { SlipwayError } from '../../core/errors.ts';
import { SEVERITIES, type Finding } from '../../lint/types.ts';
import type { LoadedCommand } from '../command-table.ts';
import { allValues, isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { explainRule, listRules } from '../lint/explain-rule.ts';
import { unknownRule } from '../../project/choose-rules.ts';
import { ASK_FLAGS, FIX_FLAGS, FORMATS, LINT_FLAGS } from '../lint/lint-flags.ts';
import { formatResult } from '../lint/format-result.ts';
import { gatherSubjects, gatherText, type GatheredSubjects } from '../../project/gather-subjects.ts';
import { lintSubjects } from '../../project/lint-subjects.ts';
import { readStandardInput } from '../read-standard-input.ts';
import { printError } from '../print-error.ts';
import { rememberBuildArguments } from '../../session/remember-secrets.ts';
import { readVersion } from '../../session/version.ts';
import { cleanText } from '../../core/clean-text.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [...FIX_FLAGS, ...LINT_FLAGS, ...ASK_FLAGS];

export const lintCommand: LoadedCommand = {
  flags: FLAGS,
  run: runLint,
  help: {
    summary: "Finds what defeats Go's caches in Dockerfiles, ignore files, Makefiles and workflows, and mends it.",
    usage: 'slipway lint [OPTIONS] [PATH…]',
    sections: [
      { title: 'Fixes', flags: FIX_FLAGS },
      { title: 'Options', flags: LINT_FLAGS },
      { title: 'About rules', flags: ASK_FLAGS },
    ],
    notes: [
      'PATH is a file or a directory, the current one by default. `# slipway ignore=rule-id reason` above an instruction, or at the\ntop of a file, takes a finding out; the `lint:` section of .slipway.yaml sets rules, ignored paths and the threshold.',
      'Exit code: 0, 1 with findings at or above the threshold, 2 for what can not be read.',
    ],
    examples: [
      'slipway lint',
      'slipway lint --fix Dockerfile',
      'slipway lint --diff --unsafe-fixes services/',
      'slipway lint --format sarif --failure-threshold high . > lint.sarif',
      'slipway lint --rule heavy-builder-image=off --explain forced-rebuild-flag',
    ],
  },
};

async function runLint(parsed: ParsedWords, io: CliIo): Promise<number> {
  const { RULES } = await import('../../lint/rules/index.ts');
  const asked = lastValue(parsed, 'explain');
  if (asked !== undefined) {
    const rule = RULES.find(({ id }) => id === asked);
    if (rule === undefined) throw unknownRule(RULES, { id: asked, code: 'USAGE' });
    await writeOut(io.stdout, await explainRule(rule));
    return 0;
  }
  if (isSwitchedOn(parsed, 'list-rules')) {
    await writeOut(io.stdout, listRules(RULES));
    return 0;
  }
  const config = await loadConfig({ flags: {}, env: io.env, directory: io.cwd });
  for (const warning of config.warnings) io.stderr.write(`slipway: warning: ${cleanText(warning)}\n`);
  const format = readFormat(parsed, config);
  const threshold = readThreshold(parsed, config);
  const fixes = readFixes(parsed);
  const subjects = await gather(parsed, io, config);
  const outcome = await lintSubjects(subjects, {
    config,
    rules: allValues(parsed, 'rule'),
    target: lastValue(parsed, 'target'),
    buildArgs: readBuildArguments(parsed, io),
    fixes,
  });
  for (const { file, line, message } of outcome.passedOver) {
    io.stderr.write(`slipway: warning: ${cleanText(`${file}:${line}: ${message}`)}; the file is not looked at\n`);
  }
  const report = { ...outcome, version: await readVersion() };
  await formatResult(report, {
    tree: subjects.tree,
    format,
    io,
    isDiff: isSwitchedOn(parsed, 'diff'),
    isFix: isSwitchedOn(parsed, 'fix'),
    stdinName: subjects.textName,
  });
  for (const fault of outcome.faults) printError(io.stderr, fault, isSwitchedOn(parsed, 'debug'));
  if (outcome.faults.length > 0) return 2;
  return outcome.remaining.some((finding) => reaches(finding, threshold)) ? 1 : 0;
}

/** The text on standard input, or the files that the words name. */
async function gather(parsed: ParsedWords, io: CliIo, config: Config): Promise<GatheredSubjects> {
  const name = lastValue(parsed, 'stdin');
  const [first] = parsed.positionals;
  if (name === undefined) return gatherSubjects({ paths: parsed.positionals, cwd: io.cwd }, config);
  if (first !== undefined) {
    throw new SlipwayError('USAGE', `\`--stdin\` takes one file, and \`${first}\` follows`, {
      hint: 'Leave the paths out.',
    });
  }
  return gatherText(await readStandardInput(io), { name, cwd: io.cwd });
}

function reaches({ severity }: Finding, threshold: Threshold): boolean {
  return threshold !== 'none' && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
}

function readFixes(parsed: ParsedWords): 'none' | 'safe' | 'unsafe' {
  const isAsked = isSwitchedOn(parsed, 'fix') || isSwitchedOn(parsed, 'diff');
  if (isSwitchedOn(parsed, 'fix') && isSwitchedOn(parsed, 'diff')) {
    throw new SlipwayError('USAGE', '`--fix` writes files and `--diff` writes none', { hint: 'Write one of them.' });
  }
  if (!isSwitchedOn(parsed, 'unsafe-fixes')) return isAsked ? 'safe' : 'none';
  if (isAsked) return 'unsafe';
  throw new SlipwayError('USAGE', '`--unsafe-fixes` alone does nothing', {
    hint: 'Write it with `--diff` to see the fixes, or with `--fix` to apply them.',
  });
}

function readFormat(parsed: ParsedWords, config: Config): string {
  const format = lastValue(parsed, 'format') ?? config.settings.format;
  if (FORMATS.includes(format)) return format;
  throw new SlipwayError('USAGE', `\`--format\` can't be \`${format}\``, {
    hint: `Write one of ${FORMATS.join(', ')}.`,
  });
}

function readThreshold(parsed: ParsedWords, config: Config): Threshold {
  const written = lastValue(parsed, 'failure-threshold');
  if (written === undefined) return config.lint['failure-threshold'] ?? 'low';
  const threshold = THRESHOLDS.find((each) => each === written);
  if (threshold !== undefined) return threshold;
  throw new SlipwayError('USAGE', `\`--failure-threshold\` can't be \`${written}\``, {
    hint: `Write one of ${THRESHOLDS.join(', ')}.`,
  });
}

/** `--build-arg NAME` takes the value of the environment, as in a build. */
function readBuildArguments(parsed: ParsedWords, io: CliIo): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  rememberBuildArguments(allValues(parsed, 'build-arg'), io.env);
  for (const written of allValues(parsed, 'build-arg')) {
    const equals = written.indexOf('=');
    const name = equals < 0 ? written : written.slice(0, equals);
    const value = equals < 0 ? io.env[name] : written.slice(equals + 1);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}
