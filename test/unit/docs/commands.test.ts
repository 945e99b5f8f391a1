import { describe, expect, it } from 'vitest';
import { COMMANDS, type LoadedCommand } from '../../../src/cli/command-table.ts';
import { parseWords, type FlagSpec } from '../../../src/cli/flag-words.ts';
import { errorMessage } from '../../../src/core/errors.ts';
import { readCommands } from '../../../src/shell/read-commands.ts';
import { readMarkdownPages, type MarkdownPage } from '../../helpers/markdown.ts';

const commands = new Map<string, LoadedCommand>();
for (const { name, load } of COMMANDS) commands.set(name, await load());

const HELP_FLAG: FlagSpec = { name: 'help', short: 'h', arity: 'switch', help: '' };

/** What files of slipway say of themselves. */
const WORDS_OF_FORMATS = new Set(['slipway snapshot', 'slipway store layout 1']);

/** A shell script for each line of a block that may call slipway, and for each such code in the text. */
function scriptsOf({ blocks, inlineCodes }: MarkdownPage): readonly string[] {
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'));
  const mentions = inlineCodes.filter((code) => !WORDS_OF_FORMATS.has(code));
  // A flag is mentioned without its value.
  const completed = mentions.map((code) => (/ -[^ ]+$/.test(code) ? `${code} VALUE` : code));
  return [...lines, ...completed].map(calledIn).filter((script) => script !== undefined);
}

/** What a shell would run of `$ slipway build .`, `- run: slipway build .`, `sh 'npx slipway@0.1.0 build .'`. */
function calledIn(line: string): string | undefined {
  const call = /^\s*(?:\$ |- run: |run: |- |sh ')?((?:.*[\s;&|(])?(?:[\w./]*\/)?slipway(?:@[\d.]+)? \S.*?)'?$/.exec(
    line,
  );
  return call?.[1]?.startsWith('#') === true ? undefined : call?.[1];
}

/** The words behind `slipway` of each call, whether by its path, through npx or as a plugin of docker. */
function callsIn(script: string): readonly (readonly string[])[] {
  return readCommands(script).commands.flatMap(({ words }) => {
    const argv = words.map(({ value, text }) => value ?? text);
    const isLaunched = ['npx', 'docker'].includes(argv[0] ?? '');
    const at = isLaunched ? argv.findIndex((word, index) => index > 0 && !word.startsWith('-')) : 0;
    return /^(?:.*\/)?slipway(?:@[\d.]+)?$/.test(argv[at] ?? '') ? [argv.slice(at + 1)] : [];
  });
}

/** What slipway would say against these words; COMMAND and VERB stand for any. */
function faultOf([name = '', ...rest]: readonly string[]): string | undefined {
  if (/^(--help|--version|-h|[A-Z]+|…)$/.test(name)) return undefined;
  if (name === 'help') return rest.length === 0 ? undefined : faultOf(rest);
  const command = commands.get(name);
  if (command === undefined) return `there is no command \`${name}\``;
  try {
    const { flags, positionals } = parseWords(rest, [...command.flags, HELP_FLAG]);
    const verb = positionals[0];
    if (command.verbs === undefined || verb === undefined || /^[A-Z]+$/.test(verb)) return undefined;
    const found = command.verbs.find((one) => one.name === verb);
    if (found === undefined) return `\`${name}\` has no \`${verb}\``;
    const known = new Set([
      'help',
      ...found.help.sections.flatMap((section) => section.flags.map((flag) => flag.name)),
    ]);
    const foreign = flags.find(({ spec }) => !known.has(spec.name));
    return foreign === undefined ? undefined : `\`${name} ${verb}\` has no \`--${foreign.spec.name}\``;
  } catch (error) {
    return errorMessage(error);
  }
}

function faultsIn(script: string): readonly string[] {
  return callsIn(script).flatMap((words) => {
    const fault = faultOf(words);
    return fault === undefined ? [] : [`${script.trim()}: ${fault}`];
  });
}

describe('commands in Markdown', () => {
  it.each([
    ['slipway build --stoer x .', 'unknown flag `--stoer`'],
    ['    $ SLIPWAY_SCOPE=x ./bin/slipway biuld .', 'no command `biuld`'],
    ['- run: make && slipway cache gc --from-log x', '`--from-log`'],
    ['slipway cache lss', '`cache` has no `lss`'],
    ["sh 'npx --yes slipway@0.1.0 run --reprot x -- make'", '`--reprot`'],
    ['docker slipway build --nothing .', '`--nothing`'],
  ])('finds what is wrong with %j', (line, fault) => {
    expect(
      scriptsOf({ path: '', links: [], anchors: new Set(), blocks: [line], inlineCodes: [] }).flatMap(faultsIn),
    ).toEqual([expect.stringContaining(fault)]);
  });

  // The fragments and decisions tell of commands as they were.
  const pages = [...readMarkdownPages().values()].filter(({ path }) => !/^(docs\/adr|changes)\//.test(path));

  it('are there to be checked', () => {
    expect(pages.flatMap(scriptsOf).flatMap(callsIn).length).toBeGreaterThan(200);
  });

  it.each(pages)('are ones that slipway takes in $path', (page) => {
    expect(scriptsOf(page).flatMap(faultsIn)).toEqual([]);
  });

  // docker's own, buildx's of other commands, those of Dockerfile instructions.
  const foreign = new Set(
    'addr chmod config context filter host keep-state link mount set tls tlscacert tlscert tlskey tlsverify'.split(' '),
  );
  const ours = new Set([
    'help',
    'version',
    ...[...commands.values()].flatMap(({ flags }) => flags.map(({ name }) => name)),
  ]);

  it.each(pages)('have flags that a command has, in the text of $path', ({ inlineCodes }) => {
    const named = inlineCodes.map((code) => /^--([\w-]+)/.exec(code)?.[1]).filter((name) => name !== undefined);
    expect(named.filter((name) => !ours.has(name) && !foreign.has(name))).toEqual([]);
  });
});
