import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { InitReport } from '../../../src/cli/init/print-init.ts';
import { printError } from '../../../src/cli/print-error.ts';
import { createPlainView } from '../../../src/cli/progress/plain-view.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import type { ProgressEvent } from '../../../src/core/events.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import { readCommands } from '../../../src/shell/read-commands.ts';
import { countCases } from '../../helpers/count-cases.ts';

/**
 * Reliability plan R10: what a repository can put into names and files comes out as text, never as an instruction of a
 * Dockerfile, a command of a shell, an expression of a workflow, a command to GitHub's runner or to a terminal.
 */
const PAYLOADS: Readonly<Record<string, string>> = {
  'a newline and an instruction': 'x\nRUN touch /pwned',
  'a carriage return and an instruction': 'x\rRUN touch /pwned',
  'a line continuation': 'x \\',
  'a closing quote and a command': 'x"; touch /pwned; "',
  'a closing single quote': "x'; touch /pwned; '",
  'a command substitution': '$(touch /pwned)',
  backquotes: '`touch /pwned`',
  'a variable': '${PATH}',
  'an operator': 'x && touch /pwned',
  'a redirection': 'x > /pwned',
  'a heredoc': '<<EOF',
  'a parser directive': '# syntax=evil.example.com/frontend',
  'a comment': 'x # gone',
  'an option': '--mount=type=bind,source=/,target=/host',
  'an option of go': '-toolexec=/tmp/evil',
  'an expression of GitHub': '${{ secrets.TOKEN }}',
  'a workflow command': '::set-output name=x::y',
  'an old workflow command': '##[add-path]/tmp/evil',
  'a YAML key': 'x\n    permissions: write-all',
  'an HCL interpolation': '${timestamp()}',
  'a terminal escape': '\u001b]0;owned\u0007\u001b[2J',
  'text that turns around': '\u202egnp.exe',
  HTML: '<script>alert(1)</script>',
  'a JSON end': '"], "x": ["',
};

/** Where a repository or its user can put text. `PAYLOAD` stands for it; a benign word takes its place in the baseline. */
interface Carrier {
  readonly name: string;
  readonly files?: (payload: string) => Readonly<Record<string, string>>;
  readonly flags?: (payload: string) => readonly string[];
  readonly env?: (payload: string) => Readonly<Record<string, string>>;
}

const MAIN = 'package main\n\nfunc main() {}\n';
const MOD = 'module example.com/app\n\ngo 1.26\n';

const CARRIERS: readonly Carrier[] = [
  { name: 'the module path', files: (p) => ({ 'go.mod': `module example.com/${p}\n\ngo 1.26\n`, 'main.go': MAIN }) },
  {
    name: 'the module path, quoted',
    files: (p) => ({ 'go.mod': `module ${JSON.stringify(`example.com/${p}`)}\n\ngo 1.26\n`, 'main.go': MAIN }),
  },
  { name: 'the Go version', files: (p) => ({ 'go.mod': `module example.com/app\n\ngo 1.26${p}\n`, 'main.go': MAIN }) },
  { name: 'the toolchain', files: (p) => ({ 'go.mod': `${MOD}\ntoolchain go1.26.8${p}\n`, 'main.go': MAIN }) },
  { name: 'the directory of the program', files: (p) => ({ 'go.mod': MOD, [`cmd/${fileName(p)}/main.go`]: MAIN }) },
  {
    name: 'the directory of the module',
    files: (p) => ({ [`${fileName(p)}/go.mod`]: MOD, [`${fileName(p)}/main.go`]: MAIN }),
  },
  {
    name: 'a local replacement',
    files: (p) => ({
      'go.mod': `${MOD}\nrequire example.com/lib v1.0.0\nreplace example.com/lib => ./lib${p}\n`,
      [`lib${fileName(p)}/go.mod`]: 'module example.com/lib\n\ngo 1.26\n',
      [`lib${fileName(p)}/lib.go`]: 'package lib\n',
      'main.go': 'package main\n\nimport _ "example.com/lib"\n\nfunc main() {}\n',
    }),
  },
  {
    name: 'a file that is embedded',
    files: (p) => ({
      'go.mod': MOD,
      'main.go': `package main\n\nimport _ "embed"\n\n//go:embed ${p}\nvar text string\n\nfunc main() {}\n`,
      [fileName(p)]: 'text',
    }),
  },
  {
    name: 'the port',
    files: (p) => ({
      'go.mod': MOD,
      'main.go': `package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(${JSON.stringify(`:8080${p}`)}, nil) }\n`,
    }),
  },
  {
    name: 'a go:generate command',
    files: (p) => ({ 'go.mod': MOD, 'main.go': `package main\n\n//go:generate ${p}\n\nfunc main() {}\n` }),
  },
  {
    name: 'GOPRIVATE',
    files: () => ({ 'go.mod': `${MOD}\nrequire git.example.com/lib v1.0.0\n`, 'main.go': MAIN }),
    env: (p) => ({ GOPRIVATE: `git.example.com,${p}` }),
    flags: () => ['--auth', 'netrc'],
  },
  { name: '--main', flags: (p) => ['--main', p] },
  { name: '--image', flags: (p) => ['--image', `registry.example.com/app${p}`] },
  { name: '--go-image', flags: (p) => ['--go-image', `golang:1.26${p}`] },
  { name: '--goproxy', flags: (p) => ['--goproxy', `https://proxy.example.com/${p}`] },
  { name: '--platform', flags: (p) => ['--platform', `linux/amd64${p}`] },
];

/** No file name holds a slash; a test may make all others. */
function fileName(payload: string): string {
  return payload.replaceAll('/', '-');
}

let root: string;
let injections = 0;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-injection-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('init', () => {
  const cases = CARRIERS.flatMap((carrier) => Object.keys(PAYLOADS).map((payload) => ({ carrier, payload })));

  it.each(cases)('$carrier.name: $payload', async ({ carrier, payload }) => {
    const spoiled = await runInit(carrier, PAYLOADS[payload] ?? '');
    for (const text of [spoiled.plain.stdout, spoiled.plain.stderr, spoiled.json.stderr]) expectHarmless(text);
    injections += 1;
    if (spoiled.json.stdout === '') {
      expect([1, 2]).toContain(spoiled.json.code);
      expect(spoiled.json.stderr).toMatch(/^slipway: /m);
      return;
    }
    const benign = JSON.parse((await runInit(carrier, 'x')).json.stdout) as InitReport;
    const { files } = JSON.parse(spoiled.json.stdout) as InitReport;
    for (const file of files) {
      const before = benign.files.find(({ path }) => path === file.path);
      // What init would have written for a repository with a harmless name in that place, or for one that leaves it out.
      expect(shapeOf(file.path, file.text)).toEqual(shapeOf(file.path, before?.text ?? ''));
    }
  });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runInit(carrier: Carrier, payload: string): Promise<{ readonly plain: Ran; readonly json: Ran }> {
  await rm(root, { recursive: true });
  const files = carrier.files?.(payload) ?? { 'go.mod': MOD, 'main.go': MAIN };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const words = ['init', '--dry-run', '--ci', 'github', '--bake', ...(carrier.flags?.(payload) ?? [])];
  const env = carrier.env?.(payload) ?? {};
  return { plain: await cli(words, env), json: await cli([...words, '--format', 'json'], env) };
}

async function cli(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: false,
    write: (text: string) => {
      written[name] += text;
      return true;
    },
  });
  const code = await runCli(words, {
    env: { HOME: join(root, 'nowhere'), ...env },
    cwd: root,
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    signal: new AbortController().signal,
    loadParts: () => Promise.reject(new Error('init builds nothing')),
  });
  return { code, ...written };
}

/** What a file makes others do, without the values in it. */
function shapeOf(path: string, text: string): unknown {
  if (path.endsWith('ockerfile')) return dockerfileShape(text);
  if (path.endsWith('.yml')) {
    const document = parseYaml(text) as unknown;
    return {
      keys: keysOf(document),
      expressions: text.match(/\$\{\{[^}]*\}\}/g),
      runs: runsOf(document).map(programsOf),
    };
  }
  // Bake and ignore files: so many lines, so many interpolations.
  return { lines: text.split('\n').length, interpolations: text.match(/\$\{/g)?.length };
}

function dockerfileShape(text: string): unknown {
  const { instructions, directives } = parseDockerfile(text);
  return {
    directives: directives.map(({ name }) => name),
    instructions: instructions.map(({ keyword, flags, heredocs }) => [keyword, flags.length, heredocs.length]),
    commands: instructions.filter(({ keyword }) => keyword === 'RUN').map(({ rest }) => programsOf(rest.value)),
  };
}

function programsOf(script: string): readonly unknown[] {
  const { commands, notRead } = readCommands(script);
  return [
    ...commands.map(({ words, redirects }) => [words[0]?.text, words.length, redirects.length]),
    ...notRead.map(({ what }) => what),
  ];
}

function keysOf(value: unknown, at: string = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [`${at}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${at}.${key}`));
}

function runsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'run' && typeof inner === 'string' ? [inner] : runsOf(inner),
  );
}

/** Nothing that a terminal or GitHub's runner would obey. */
function expectHarmless(text: string): void {
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  expect(text).not.toMatch(/^\s*::/m);
  expect(text).not.toContain('##[');
}

describe('what a build and a store say', () => {
  const say = (event: ProgressEvent): string => {
    const lines: string[] = [];
    const view = createPlainView(
      (line) => lines.push(line),
      () => 0,
    );
    view({ type: 'vertex', phase: 'build', id: 'a', name: 'a step', state: 'running' });
    view(event);
    return lines.join('\n');
  };
  const carriers: Readonly<Record<string, (payload: string) => string>> = {
    'the name of a step': (name) => say({ type: 'vertex', phase: 'build', id: 'b', name, state: 'running' }),
    'the error of a step': (error) =>
      say({ type: 'vertex', phase: 'build', id: 'a', name: 'a step', state: 'error', error }),
    'a line of a step': (text) => say({ type: 'vertex-log', phase: 'build', id: 'a', stream: 'stderr', text }),
    'a warning': (text) => say({ type: 'message', level: 'warning', text, hint: text }),
    'an error': (text) => printed(new SlipwayError('STORE_FAILED', text, { hint: text })),
    'a fault of our own': (text) => printed(new Error(text)),
  };
  const cases = Object.keys(carriers).flatMap((carrier) =>
    Object.keys(PAYLOADS).map((payload) => ({ carrier, payload })),
  );

  it.each(cases)('$carrier: $payload', ({ carrier, payload }) => {
    const text = carriers[carrier]?.(PAYLOADS[payload] ?? '') ?? '';
    expect(text.length).toBeGreaterThan(10);
    expectHarmless(text);
    injections += 1;
  });

  function printed(error: Error): string {
    let text = '';
    const stream = { isTTY: false, write: (more: string) => (text += more) !== '' };
    printError(stream, error, false);
    return text;
  }
});

it('that were at least 200', () => {
  expect(injections).toBeGreaterThanOrEqual(Object.keys(PAYLOADS).length * (CARRIERS.length + 6));
  expect(injections).toBeGreaterThanOrEqual(200);
  countCases({ suite: 'R10', what: 'injections', cases: injections });
});
