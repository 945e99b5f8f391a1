import { baseName, SHELLS } from '../../shell/wrappers.ts';
import type { GoCommandKind, GoFlag } from './types.ts';

/** `go`, `go1.26.1`, `xx-go`, with any path before it. */
export function isGoProgram(program: string): boolean {
  return /^(?:xx-)?go(?:1\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)?$/.test(baseName(program));
}

/** The kind of a go subcommand, as `mod download`; undefined when go has none of this name. */
export function kindOfSubcommand(subcommand: string, flags: readonly GoFlag[]): GoCommandKind | undefined {
  if (subcommand !== 'list') return KINDS.get(subcommand);
  const has = (...names: string[]): boolean => flags.some(({ name }) => names.includes(name));
  if (has('export', 'compiled')) return 'compile';
  return has('m') ? 'download' : 'query';
}

const KINDS: ReadonlyMap<string, GoCommandKind> = new Map(
  Object.entries({
    compile: ['build', 'install', 'test', 'run', 'vet', 'fix', 'generate', 'tool'],
    download: ['mod download', 'mod tidy', 'mod vendor', 'get', 'work sync', 'work vendor'],
    query: ['mod graph', 'mod verify', 'mod why'],
    clean: ['clean'],
    environment: ['env', 'version', 'telemetry'],
    other: ['fmt', 'doc', 'help', 'bug', 'mod', 'mod edit', 'mod init', 'work', 'work edit', 'work init', 'work use'],
  } as const).flatMap(([kind, names]) => names.map((name) => [name, kind as GoCommandKind] as const)),
);

/** The kind of a program that isn't go; undefined when it has nothing to do with it. */
export function kindOfTool(program: string, args: readonly string[]): GoCommandKind | undefined {
  const name = baseName(program);
  const wanted = Object.hasOwn(COMPILING_TOOLS, name) ? COMPILING_TOOLS[name] : undefined;
  if (wanted !== undefined) {
    return wanted.length === 0 || args.some((arg) => wanted.includes(arg)) ? 'compile' : undefined;
  }
  if (TASK_RUNNERS.has(name)) return 'opaque';
  const isShell = SHELLS.has(name) || name === 'source' || name === '.';
  const script = isShell ? args.find((arg) => !/^[-+]/.test(arg)) : program;
  if (script === undefined || script === '') return undefined;
  return isShell || /\.(?:ba)?sh$/.test(script) ? 'opaque' : undefined;
}

/** Tools that build or load packages by the go command; with words, only when one of them is an argument. */
const COMPILING_TOOLS: Readonly<Record<string, readonly string[]>> = {
  garble: ['build', 'install', 'test', 'run'],
  tinygo: ['build', 'test', 'run'],
  goreleaser: ['build', 'release', 'b', 'r'],
  ko: ['build', 'publish', 'apply', 'resolve', 'create'],
  wails: ['build'],
  fyne: ['build', 'package'],
  gomobile: ['bind', 'build', 'install'],
  gotestsum: [],
  ginkgo: [],
  gox: [],
  xgo: [],
  mage: [],
  'golangci-lint': ['run'],
  staticcheck: [],
  govulncheck: [],
  xcaddy: ['build'],
  packr2: ['build', 'install'],
};

const TASK_RUNNERS = new Set([
  'make',
  'gmake',
  'task',
  'go-task',
  'just',
  'bazel',
  'bazelisk',
  'ninja',
  'earthly',
  'please',
]);
