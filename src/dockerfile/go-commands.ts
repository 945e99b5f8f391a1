import type { ShellCommand } from '../shell/types.ts';
import { baseName } from '../shell/wrappers.ts';

/** `compile`: compiles Go. `module`: only fetches modules or asks go something. `opaque`: may compile, as a make target or a script does. */
export type GoCommandKind = 'compile' | 'module' | 'opaque';

/** What a command has to do with Go's caches, as far as its name tells. */
export function classifyGoCommand(command: ShellCommand): GoCommandKind | undefined {
  const [program = '', ...args] = command.argv;
  const name = baseName(program);
  if (/^(?:xx-)?go(?:1\.\d+(?:\.\d+)?)?$/.test(name)) return classifyGo(args);
  const wanted = COMPILING_TOOLS[name];
  if (wanted !== undefined)
    return wanted.length === 0 || args.some((arg) => wanted.includes(arg)) ? 'compile' : undefined;
  if (TASK_RUNNERS.has(name)) return 'opaque';
  const script = SHELL_NAMES.has(name) ? args.find((arg) => !arg.startsWith('-')) : program;
  if (script === undefined) return undefined;
  return script.endsWith('.sh') || script.endsWith('.bash') || (SHELL_NAMES.has(name) && script !== '')
    ? 'opaque'
    : undefined;
}

const COMPILES = new Set(['build', 'install', 'test', 'vet', 'run', 'generate', 'list', 'tool', 'fix']);
const DOWNLOADS = new Set(['mod', 'get', 'work', 'env', 'version', 'clean', 'telemetry', 'fmt', 'doc', 'help', 'bug']);

/** Tools that build or load packages by the go command; with words, only when one of them is an argument. */
const COMPILING_TOOLS: Readonly<Record<string, readonly string[]>> = {
  garble: ['build', 'install', 'test', 'run'],
  tinygo: ['build', 'test', 'run'],
  goreleaser: ['build', 'release', 'b', 'r'],
  ko: ['build', 'publish', 'apply', 'resolve', 'create'],
  wails: ['build'],
  gotestsum: [],
  ginkgo: [],
  gox: [],
  xgo: [],
  'golangci-lint': ['run'],
  staticcheck: [],
  govulncheck: [],
};

const TASK_RUNNERS = new Set(['make', 'gmake', 'mage', 'task', 'just', 'bazel', 'bazelisk', 'ninja', 'earthly']);
const SHELL_NAMES = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh', 'source', '.']);

function classifyGo(args: readonly string[]): GoCommandKind | undefined {
  // `go -C dir build`
  const rest = args[0] === '-C' ? args.slice(2) : args[0]?.startsWith('-C') ? args.slice(1) : args;
  const subcommand = rest.find((arg) => !arg.startsWith('-'));
  if (subcommand === undefined) return undefined;
  if (COMPILES.has(subcommand)) return 'compile';
  return DOWNLOADS.has(subcommand) ? 'module' : undefined;
}
