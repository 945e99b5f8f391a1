import type { ShellWord } from '../../shell/types.ts';

/**
 * What a command has to do with Go.
 * `compile`: go build, install, test, run, vet, fix, generate, tool, list -export, and tools that call these.
 * `download`: fetches modules: go mod download, tidy, vendor, get, list -m, work sync.
 * `query`: loads packages or the module graph, and may fetch for it: go list, go mod why, graph, verify.
 * `clean`: go clean. `environment`: go env, version. `other`: go fmt, doc, mod edit, ….
 * `opaque`: may do any of it: a make target, a task runner, a script.
 */
export type GoCommandKind = 'compile' | 'download' | 'query' | 'clean' | 'environment' | 'other' | 'opaque';

export interface GoCommandLine {
  readonly kind: GoCommandKind;
  /** The last part of the program's path: `go`, `xx-go`, `garble`, `make`. */
  readonly program: string;
  /** `build`, `mod download`; the program's own first word where it isn't go (`goreleaser release`: `release`); '' without one. */
  readonly subcommand: string;
  /** As written, then those of GOFLAGS that this subcommand knows. The last one of a name is in force, GOFLAGS' come first for Go. */
  readonly flags: readonly GoFlag[];
  /** Packages, files, `module@version`; for the others their words that are no flags. */
  readonly packages: readonly ShellWord[];
  /** What `go run` hands to the program, `go test -args` to the tests, `go tool` to the tool. */
  readonly programArguments: readonly ShellWord[];
  /** Where it works: the command's directory, changed by `-C`; undefined when it can't be known. */
  readonly directory: string | undefined;
  /** False when a word, or GOFLAGS, can't be known: there may be more flags and packages. */
  readonly isComplete: boolean;
}

export interface GoFlag {
  /** Without dashes: `a`, `ldflags`. */
  readonly name: string;
  /** `-o app` and `-o=app`; undefined for a bare switch. What can't be known stays as written. */
  readonly value: string | undefined;
  /** The one or two words it is written with; none when it comes from GOFLAGS. */
  readonly words: readonly ShellWord[];
  readonly isFromGoFlags: boolean;
}
