import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, type LoadedCommand } from '../../../src/cli/command-table.ts';
import { CI_FILES, readText } from '../../helpers/ci-files.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

/** Every call of slipway that a guide, the README or an example shows is one that slipway takes. */
const GUIDES = readdirSync(join(PROJECT_ROOT, 'docs/guides')).map((name) => `docs/guides/${name}`);
const FILES = [
  '.github/workflows/release.yml',
  'README.md',
  'docs/releasing.md',
  'docs/reliability.md',
  ...GUIDES,
  ...CI_FILES,
];

/** Flags of docker, bake, buildkitd, buildctl and Dockerfile instructions. */
const OTHERS = new Set(
  '--addr --chmod --config --context --host --keep-state --link --set --tls --tlscacert --tlscert --tlskey --tlsverify'.split(
    ' ',
  ),
);

/** Of Markdown only what is code: blocks in fences, indented ones, and words in backquotes. */
function codeOf(path: string, text: string): string {
  if (!path.endsWith('.md')) return text;
  const fences = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].map((match) => match[1]);
  const rest = text.replace(/^```\w*\n[^]*?^```$/gm, '');
  const indented = [...rest.matchAll(/^ {4}(.*)$/gm)].map((match) => match[1]);
  const words = [...rest.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? '').replaceAll('\n', ' '));
  return [...fences, ...indented, ...words].join('\n');
}

/** The words behind `slipway` up to where the shell, or a command behind `--`, has its say. */
export function callsIn(code: string): readonly (readonly string[])[] {
  const lines = code.replace(/\\\n\s*/g, ' ').replace(/ --\n\s+/g, ' -- ');
  const calls = lines.matchAll(/(?<![\w./@:-])slipway(?:@[\d.]+)?((?: +[^\s|;&>#)`]+)+)/g);
  return [...calls].map((match) => {
    const words = (match[1] ?? '').trim().split(/ +/);
    const end = words.indexOf('--');
    return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/^['"]|['"]$/g, ''));
  });
}

/** What of a call the command table doesn't know; '' where it knows all. */
function unknownIn([name = '', ...words]: readonly string[], commands: ReadonlyMap<string, LoadedCommand>): string {
  // A row of a table, a comment for lint, a placeholder.
  if (!/^[a-z][a-z-]*$/.test(name)) return '';
  const command = commands.get(name);
  if (command === undefined) return `there is no \`slipway ${name}\``;
  const verbs = command.verbs?.map((verb) => verb.name) ?? [];
  const verb = words[0] ?? '';
  if (verbs.length > 0 && /^[a-z]+$/.test(verb) && !verb.split('/').every((each) => verbs.includes(each)))
    return `there is no \`slipway ${name} ${verb}\``;
  const known = new Set(
    command.flags.flatMap((flag) => [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])]),
  );
  const given = words.flatMap((word) => /^(--[a-z][\w-]*|-[A-Za-z])(?:=|$)/.exec(word)?.[1] ?? []);
  const wrong = given.filter((flag) => !known.has(flag) && !['--debug', '-D', '--help', '-h'].includes(flag));
  return wrong.length === 0 ? '' : `\`slipway ${name}\` has no ${wrong.join(', ')}`;
}

const loaded = new Map<string, LoadedCommand>();
for (const { name, load } of COMMANDS) loaded.set(name, await load());

const calls = FILES.flatMap((path) =>
  callsIn(codeOf(path, readText(path))).map((words) => [path, words.join(' '), words] as const),
);

describe('calls of slipway in guides and examples', () => {
  it('are found', () => {
    expect(calls.length).toBeGreaterThan(150);
    const scripts = calls.filter(([path]) => path.startsWith('examples/'));
    expect(scripts.map(([, call]) => call.split(' ')[0])).toEqual(Array.from({ length: 6 }, () => 'run'));
  });

  it.each(calls)('%s: slipway %s', (_path, _call, words) => {
    expect(unknownIn(words, loaded)).toBe('');
  });

  it('flags alone in the text are of slipway, or of the other programs that a guide speaks of', () => {
    const known = new Set([...loaded.values()].flatMap(({ flags }) => flags.map((flag) => `--${flag.name}`)));
    const named = GUIDES.flatMap((path) => [...codeOf(path, readText(path)).matchAll(/^(--[a-z][\w-]*)/gm)]);
    const unknown = new Set(named.flatMap(([, flag = '']) => (known.has(flag) ? [] : [flag])));
    expect([...unknown].filter((flag) => !OTHERS.has(flag))).toEqual([]);
    expect([...OTHERS].filter((flag) => !unknown.has(flag))).toEqual([]);
  });

  it('would be told of', () => {
    const [cache = [], run = [], none = []] = callsIn(
      'slipway cache ls --stoer x\nslipway run --reprot=f -- docker --x\nslipway biuld',
    );
    expect(unknownIn(cache, loaded)).toBe('`slipway cache` has no --stoer');
    expect(unknownIn(run, loaded)).toBe('`slipway run` has no --reprot');
    expect(unknownIn(none, loaded)).toBe('there is no `slipway biuld`');
    expect(unknownIn(['cache', 'lst'], loaded)).toBe('there is no `slipway cache lst`');
  });
});
