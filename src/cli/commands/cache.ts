import { systemClock } from '../../core/clock.ts';
import { errorMessage, isSlipwayError, SlipwayError } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { createLogger, type Logger, type LogLevel } from '../../core/logger.ts';
import type { CacheOutcome, CacheVerb } from '../cache/cache-verb.ts';
import { check } from '../cache/check.ts';
import { du } from '../cache/du.ts';
import { exportVerb } from '../cache/export.ts';
import { gc } from '../cache/gc.ts';
import { ls } from '../cache/ls.ts';
import { pin, unpin } from '../cache/pin.ts';
import { createWorkLine } from '../cache/work-line.ts';
import type { CommandHelp, LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DEBUG_FLAG, OPTION_FLAGS, readOptionFlags } from '../own-flags.ts';
import { openKeepers } from '../../session/open-keepers.ts';
import type { OpenedSpec } from '../../session/parts.ts';
import { writeOut } from '../write-out.ts';

const VERBS: readonly CacheVerb[] = [ls, du, check, gc, exportVerb, pin, unpin];

const COMMON_FLAGS: readonly FlagSpec[] = [
  ...OPTION_FLAGS.filter((flag) => ['store', 'cache-timeout', 'read-only', 'format', 'log-level'].includes(flag.name)),
  DEBUG_FLAG,
];

const FLAGS: readonly FlagSpec[] = [
  ...new Map([...VERBS.flatMap((verb) => verb.flags), ...COMMON_FLAGS].map((flag) => [flag.name, flag])).values(),
];

const EXAMPLES = ['slipway cache ls', 'slipway cache gc --dry-run', 'slipway cache pin main'];

export const cacheCommand: LoadedCommand = {
  flags: FLAGS,
  run: runCache,
  help: {
    summary: 'Looks after stores: what they hold, what that costs, whether it is whole, what may go.',
    usage: 'slipway cache VERB [OPTIONS]',
    sections: [{ title: 'Options of all verbs', flags: COMMON_FLAGS }],
    notes: [
      `Verbs, each with its own --help:\n${VERBS.map(({ name, summary }) => `  ${name.padEnd(7)} ${summary}`).join('\n')}`,
      'Where several stores are configured, each is looked after by itself.',
    ],
    examples: EXAMPLES,
  },
  verbs: VERBS.map((verb) => ({ name: verb.name, help: helpOf(verb) })),
};

function helpOf({ name, summary, operands, flags, notes, examples }: CacheVerb): CommandHelp {
  return {
    summary: `${summary}.`,
    usage: `slipway cache ${name} ${operands === undefined ? '' : `${operands} `}[OPTIONS]`,
    sections: [
      ...(flags.length === 0 ? [] : [{ title: 'Options', flags }]),
      { title: 'Options of all verbs', flags: COMMON_FLAGS },
    ],
    ...(notes === undefined ? {} : { notes }),
    examples,
  };
}

async function runCache(parsed: ParsedWords, io: CliIo): Promise<number> {
  const [word, ...operands] = parsed.positionals;
  const verb = VERBS.find(({ name }) => name === word);
  if (verb === undefined) throw wrongVerb(word);
  checkWords(verb, parsed, operands);
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  const workLine = createWorkLine(io.stderr, () => systemClock.monotonic());
  const keepers = await openKeepers({
    host: io,
    flags: readOptionFlags(parsed),
    isChange: verb.isChange(parsed) && !isDryRun,
    createLogger: (settings) => lineLogger(io, settings['log-level']),
  });
  const { judge, seal } = keepers.trust;
  const run = async (opened: OpenedSpec): Promise<CacheOutcome> => {
    const store = keepers.keeperOf(opened);
    try {
      return await verb.run({
        store,
        parsed,
        operands,
        isDryRun,
        clock: systemClock,
        survey: { signal: io.signal, ...(judge === undefined ? {} : { judge }) },
        seal,
        workLine,
        openOther: keepers.openOther,
      });
    } finally {
      workLine.end();
    }
  };
  return runOnEach(verb, keepers.each, { io, isJson: keepers.settings.format === 'json', run });
}

function lineLogger(io: CliIo, level: LogLevel): Logger {
  return createLogger((each, line) => {
    if (each !== 'info') io.stderr.write(`slipway: ${each}: ${line}\n`);
  }, level === 'debug');
}

interface EachRun {
  readonly io: CliIo;
  readonly isJson: boolean;
  readonly run: (opened: OpenedSpec) => Promise<CacheOutcome>;
}

/** One store that fails doesn't keep the verb from the others; when all fail, the first one's error is the command's. */
async function runOnEach(verb: CacheVerb, each: readonly OpenedSpec[], { io, isJson, run }: EachRun): Promise<number> {
  const documents: object[] = [];
  const texts: string[] = [];
  const faults: SlipwayError[] = [];
  let exitCode = 0;
  for (const opened of each) {
    const { description } = opened.store;
    try {
      const outcome = await run(opened);
      documents.push({ store: description, ...outcome.data });
      texts.push(each.length > 1 ? `${description}:\n${outcome.text}` : outcome.text);
      exitCode = Math.max(exitCode, outcome.exitCode);
    } catch (error) {
      io.signal.throwIfAborted();
      if (!isSlipwayError(error)) throw error;
      faults.push(error);
      documents.push({ store: description, problem: errorMessage(error) });
      if (each.length > 1) io.stderr.write(`slipway: warning: ${description}: ${errorMessage(error)}\n`);
    }
  }
  const [first] = faults;
  if (first !== undefined && faults.length === each.length) throw first;
  const json = (): string => `${JSON.stringify({ schemaVersion: 1, verb: verb.name, stores: documents }, null, 2)}\n`;
  await writeOut(io.stdout, isJson ? json() : texts.join('\n'));
  // What can't be looked after at all is no failure of those that can.
  const failures = faults.filter(({ code }) => code !== 'USAGE');
  return Math.max(exitCode, ...failures.map((fault) => fault.exitCode));
}

function checkWords(verb: CacheVerb, parsed: ParsedWords, operands: readonly string[]): void {
  const allowed = new Set([...verb.flags, ...COMMON_FLAGS].map(({ name }) => name));
  const foreign = parsed.flags.find(({ spec }) => !allowed.has(spec.name));
  if (foreign !== undefined) {
    const isNoDryRun = foreign.spec.name === 'dry-run';
    const why = isNoDryRun ? `changes nothing, so it has no \`--dry-run\`` : `has no \`--${foreign.spec.name}\``;
    throw new SlipwayError('USAGE', `\`slipway cache ${verb.name}\` ${why}`, {
      hint: `See \`slipway cache ${verb.name} --help\`.`,
    });
  }
  if (operands.length > 0 && verb.operands === undefined) {
    throw new SlipwayError('USAGE', `\`${operands[0]}\` after \`slipway cache ${verb.name}\` means nothing`);
  }
  verb.check?.(parsed, operands);
}

function wrongVerb(word: string | undefined): SlipwayError {
  const names = VERBS.map(({ name }) => name);
  const example = `Write \`slipway cache ${names.join('|')}\`.`;
  if (word === undefined) return new SlipwayError('USAGE', 'what shall `slipway cache` do?', { hint: example });
  const nearest = nearestWord(word, names);
  const hint = nearest === undefined ? example : `Did you mean \`slipway cache ${nearest}\`?`;
  return new SlipwayError('USAGE', `\`slipway cache\` has no \`${word}\``, { hint });
}
