import { mkdir, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { findGitRoot } from '../../config/find-config-file.ts';
import { loadConfig } from '../../config/load-config.ts';
import { SlipwayError } from '../../core/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { newSigningKey, type SigningKey } from '../../trust/key-text.ts';
import type { CommandHelp, LoadedCommand } from '../command-table.ts';
import { lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DEBUG_FLAG, OPTION_FLAGS, readOptionFlags } from '../own-flags.ts';
import { readKeyFile, readSigningKeys } from '../../session/read-trust.ts';
import { writeOut } from '../write-out.ts';

const OUT_FLAG: FlagSpec = {
  name: 'out',
  arity: 'value',
  placeholder: 'FILE',
  help: 'Of new: file for the private key, `-` for standard output (default: slipway/signing-key in ~/.config)',
};
const FLAGS: readonly FlagSpec[] = [
  OUT_FLAG,
  ...OPTION_FLAGS.filter((flag) => ['signing-key', 'format', 'log-level'].includes(flag.name)),
  DEBUG_FLAG,
];

const HELP: CommandHelp = {
  summary: 'Makes and shows the keys that snapshots are signed with.',
  usage: 'slipway key new|show [OPTIONS] [FILE]',
  sections: [{ title: 'Options', flags: FLAGS }],
  notes: [
    [
      'new   writes a private key, which nobody but its owner can read, and prints its public half for .slipway.yaml',
      'show  prints the public half of the key in FILE, or of the one that is configured',
    ].join('\n'),
  ],
  examples: [
    'slipway key new',
    'slipway key new --out - | gh secret set SLIPWAY_SIGNING_KEY',
    'slipway key show ~/.config/slipway/signing-key',
  ],
};

export const keyCommand: LoadedCommand = {
  flags: FLAGS,
  run: runKey,
  help: HELP,
  verbs: ['new', 'show'].map((name) => ({ name, help: HELP })),
};

interface KeyCall {
  readonly parsed: ParsedWords;
  readonly io: CliIo;
  readonly isJson: boolean;
}

const VERBS: Readonly<Record<string, (call: KeyCall) => Promise<number>>> = { new: makeKey, show: showKeys };

async function runKey(parsed: ParsedWords, io: CliIo): Promise<number> {
  const [verb, ...extra] = parsed.positionals;
  const run = verb === undefined || !Object.hasOwn(VERBS, verb) ? undefined : VERBS[verb];
  if (run === undefined) throw wrongVerb(verb);
  const most = verb === 'show' ? 1 : 0;
  if (extra.length > most) {
    const hint = verb === 'new' ? 'Name the file with `--out`.' : 'Name one file.';
    throw new SlipwayError('USAGE', `\`${extra[most]}\` after \`slipway key ${verb}\` means nothing`, { hint });
  }
  if (verb === 'show' && lastValue(parsed, 'out') !== undefined) {
    throw new SlipwayError('USAGE', '`slipway key show` writes no file, so it has no `--out`');
  }
  const { settings } = await loadConfig({ flags: readOptionFlags(parsed), env: io.env, directory: io.cwd });
  return run({ parsed, io, isJson: settings.format === 'json' });
}

async function makeKey({ parsed, io, isJson }: KeyCall): Promise<number> {
  const out = lastValue(parsed, 'out') ?? defaultFile(io);
  if (out === '')
    throw new SlipwayError('USAGE', '`--out` names no file', { hint: 'Write `--out FILE`, or `--out -`.' });
  const { key, fileText } = newSigningKey();
  if (out === '-') {
    if (isJson) {
      throw new SlipwayError('USAGE', '`--format json` and `--out -` would both write to standard output', {
        hint: 'Name a file, and read the private key from there.',
      });
    }
    // The one place that prints a private key: it was asked for, and goes nowhere else.
    await writeOut(io.stdout, fileText);
    io.stderr.write(formatKeys([key]));
    return 0;
  }
  const file = resolve(io.cwd, out);
  await writeKeyFile(file, fileText);
  if (isJson) await writeOut(io.stdout, formatJson([key], file));
  else await writeOut(io.stdout, formatKeys([key]));
  io.stderr.write(`slipway: wrote the private key ${key.publicKey.keyId} to ${file}\n`);
  if ((await findGitRoot(dirname(file))) !== undefined) {
    io.stderr.write(`slipway: warning: ${file} lies in a git checkout: don't commit it, nor copy it into an image\n`);
  }
  return 0;
}

async function showKeys({ parsed, io, isJson }: KeyCall): Promise<number> {
  const logger = createLogger((level, line) => {
    if (level === 'warning') io.stderr.write(`slipway: warning: ${line}\n`);
  });
  const file = parsed.positionals[1];
  const config = await loadConfig({ flags: readOptionFlags(parsed), env: io.env, directory: io.cwd });
  const keys =
    file === undefined
      ? await readSigningKeys({ config, signingKeyText: io.signingKey, logger })
      : await readKeyFile(file, logger);
  if (keys.length === 0) {
    throw new SlipwayError('USAGE', 'no signing key is configured', {
      hint: 'Name its file: `slipway key show FILE`; or make a key: `slipway key new`.',
    });
  }
  await writeOut(io.stdout, isJson ? formatJson(keys, file) : formatKeys(keys));
  return 0;
}

function defaultFile(io: CliIo): string {
  const base = io.env['XDG_CONFIG_HOME'];
  const isUsable = base !== undefined && base.startsWith('/');
  return join(isUsable ? base : join(io.env['HOME'] || homedir(), '.config'), 'slipway', 'signing-key');
}

/** Never replaces a file: it may be the only copy of a key. */
async function writeKeyFile(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    const isThere =
      (error as NodeJS.ErrnoException).code === 'EEXIST' && (error as NodeJS.ErrnoException).syscall === 'open';
    if (isThere) {
      throw new SlipwayError('USAGE', `\`${file}\` is there already, and may be the only copy of a key`, {
        hint: 'Name another file with `--out`, or move that one away.',
      });
    }
    throw new SlipwayError('USAGE', `\`${file}\` can't be written`, {
      hint: 'Name another file with `--out`.',
      cause: error,
    });
  }
}

/** What belongs into `.slipway.yaml`. */
function formatKeys(keys: readonly SigningKey[]): string {
  return `trusted-keys:\n${keys.map(({ publicKey }) => `  - key: ${publicKey.text}  # ${publicKey.keyId}\n`).join('')}`;
}

function formatJson(keys: readonly SigningKey[], file: string | undefined): string {
  const document = {
    schemaVersion: 1,
    file: file ?? null,
    keys: keys.map(({ publicKey }) => ({ keyId: publicKey.keyId, publicKey: publicKey.text })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function wrongVerb(verb: string | undefined): SlipwayError {
  const example = 'Write `slipway key new` or `slipway key show`.';
  if (verb === undefined) return new SlipwayError('USAGE', 'what shall `slipway key` do?', { hint: example });
  const nearest = nearestWord(verb, Object.keys(VERBS));
  const hint = nearest === undefined ? example : `Did you mean \`slipway key ${nearest}\`?`;
  return new SlipwayError('USAGE', `\`slipway key\` has no \`${verb}\``, { hint });
}
