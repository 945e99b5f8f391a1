import { formatOrigin, loadConfig, type Config } from '../../config/load-config.ts';
import { OPTIONS, SIGNING_KEY_VARIABLE, type OptionName, type TrustedKeySetting } from '../../config/options.ts';
import { SlipwayError } from '../../core/errors.ts';
import { redact } from '../../core/redact.ts';
import { shownText } from '../../store/spec/shown-text.ts';
import type { CommandHelp, LoadedCommand } from '../command-table.ts';
import type { FlagSpec, ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DEBUG_FLAG, OPTION_FLAGS, PROGRESS_FLAG, readOptionFlags } from '../own-flags.ts';
import type { TrustVerdict } from '../../trust/choose-trust.ts';
import { decideRun, type RunDecisions } from '../../session/decide-run.ts';
import { cleanText } from '../../core/clean-text.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS, PROGRESS_FLAG, DEBUG_FLAG];

const HELP: CommandHelp = {
  summary: "Prints every option's value and where it comes from, and which scopes this run reads and writes, and why.",
  usage: 'slipway config show [OPTIONS]',
  sections: [{ title: 'Options', flags: FLAGS }],
  examples: ['slipway config show', 'slipway config show --format json', 'SLIPWAY_SCOPE=main slipway config show'],
};

export const configCommand: LoadedCommand = {
  flags: FLAGS,
  run: runConfig,
  help: HELP,
  verbs: [{ name: 'show', help: HELP }],
};

async function runConfig(parsed: ParsedWords, io: CliIo): Promise<number> {
  const [verb, extra] = parsed.positionals;
  if (verb !== 'show' || extra !== undefined) {
    const written =
      verb === undefined ? 'nothing' : `\`${[verb, extra].filter((word) => word !== undefined).join(' ')}\``;
    throw new SlipwayError('USAGE', `\`slipway config\` can only \`show\`, and ${written} follows it`, {
      hint: 'Write `slipway config show`.',
    });
  }
  const config = await loadConfig({ flags: readOptionFlags(parsed), env: io.env, directory: io.cwd });
  for (const warning of config.warnings) io.stderr.write(`slipway: warning: ${cleanText(warning)}\n`);
  const isFlag = config.origins['signing-key'].kind === 'flag';
  const shown = withoutCredentials(io.signingKey === undefined || isFlag ? config : withSecretKey(config));
  const run = await decideRun(config, io.env, io.cwd);
  // The one option that this verb itself obeys; where it came from is shown like the others.
  const isJson = config.settings.format === 'json';
  const text = isJson ? formatJson(shown, run) : `${formatTable(shown)}${formatRun(run, believedOf(config, run))}`;
  await writeOut(io.stdout, redact(text));
  return 0;
}

/** The key in the environment stands before a file: that it is there is shown, what it is isn't. */
function withSecretKey(config: Config): Config {
  return {
    ...config,
    settings: { ...config.settings, 'signing-key': '(secret)' },
    origins: { ...config.origins, 'signing-key': { kind: 'env', name: SIGNING_KEY_VARIABLE } },
  };
}

/** The token of `type=gha` may stand in a store's spec. */
function withoutCredentials(config: Config): Config {
  return { ...config, settings: { ...config.settings, store: config.settings.store.map(shownText) } };
}

function believedOf({ settings }: Config, run: RunDecisions): TrustVerdict {
  return run.believes(settings['require-signature'] ?? settings['trusted-keys'].length > 0);
}

function formatRun({ scopes, isReadOnly, readOnlyReason }: RunDecisions, believed: TrustVerdict): string {
  const because = readOnlyReason === undefined ? '' : `: ${readOnlyReason}`;
  const why = believed.reason === undefined ? '' : `: ${believed.reason}`;
  const lines = [
    `scopes: writes ${isReadOnly ? 'nothing' : scopes.write}, reads ${scopes.read.join(', ')} (${scopes.reason})${because}`,
    `trust: ${believed.trust === 'all' ? 'all that is stored' : 'modules only'}${why}`,
  ];
  return `\n${lines.join('\n')}\n`;
}

function formatJson(config: Config, run: RunDecisions): string {
  const options = OPTIONS.map(({ name }) => [
    name,
    { value: config.settings[name] ?? null, origin: config.origins[name] },
  ]);
  const { scopes, isReadOnly, readOnlyReason = null } = run;
  const believed = believedOf(config, run);
  const document = {
    schemaVersion: 1,
    file: config.file ?? null,
    options: Object.fromEntries(options),
    scopes: { write: isReadOnly ? null : scopes.write, read: scopes.read, reason: scopes.reason, readOnlyReason },
    trust: { value: believed.trust, reason: believed.reason ?? null },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function formatSetting(value: Config['settings'][OptionName]): string {
  if (typeof value !== 'object') return String(value ?? '-');
  return value.map((item) => (typeof item === 'string' ? item : formatKey(item))).join('; ') || '-';
}

function formatKey({ key, name, scopes }: TrustedKeySetting): string {
  const where = scopes === undefined ? '' : `@${scopes.join(',')}`;
  return `${name === undefined ? '' : `${name} `}${key}${where}`;
}

function formatTable(config: Config): string {
  const rows = OPTIONS.map(({ name }) => [
    name,
    formatSetting(config.settings[name]),
    formatOrigin(config.origins[name]),
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second] = [width(0), width(1)];
  const line = ([name, value, origin]: readonly string[]): string =>
    `${(name ?? '').padEnd(first)}  ${(value ?? '').padEnd(second)}  ${origin}`;
  return `${rows.map(line).join('\n')}\n`;
}
