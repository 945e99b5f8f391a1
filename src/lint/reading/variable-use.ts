import type { FileTree } from '../../core/file-tree.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';

/** Variables as a step may use them. */
export interface VariableNames {
  readonly names: ReadonlySet<string>;
  readonly tree: FileTree;
}

/**
 * Does a step use one of these variables, or may it? A word of that name is a use, in the Dockerfile or in the Makefile or
 * script that a RUN reaches; a program that isn't known may read any variable of its environment.
 */
export function mayUse(step: StepFacts, { names, tree }: VariableNames): boolean {
  if (isMentioned(step.node.raw, names)) return true;
  if (step.kind !== 'run') return false;
  if (step.notFollowed.length > 0 || step.commands.some(({ isOpaque }) => isOpaque)) return true;
  if (step.commands.length === 0 && !hasNoCommand(step)) return true;
  const files = new Set(step.commands.filter(({ via }) => via.length > 0).map(({ file }) => file));
  if ([...files].some((file) => isMentioned(tree.read(file) ?? '', names))) return true;
  return step.commands.some((command) => readsByItself(command, names));
}

/** A word in a text: `$NAME`, `${NAME:-x}`, `"NAME"`. */
export function isMentioned(text: string, names: ReadonlySet<string>): boolean {
  // ARG takes any name; one that isn't a variable's can't be used.
  return [...names].some((name) => /^\w+$/.test(name) && new RegExp(`(?<!\\w)${name}(?!\\w)`).test(text));
}

/** Without a word of it: go reads GOFLAGS and its like, xx reads TARGETPLATFORM, and a program that isn't known reads what it wants. */
function readsByItself(command: CommandFacts, names: ReadonlySet<string>): boolean {
  if (command.isSetting) return false;
  const { go, program } = command;
  const has = (pattern: RegExp): boolean => [...names].some((name) => pattern.test(name));
  if (has(EVERYBODY)) return true;
  if (/^xx-|^setup-/.test(program)) return true;
  if (go === undefined) return !QUIET.has(program);
  if (go.kind !== 'compile') return has(GO_DOWNLOAD);
  // What `go run`, `go generate` and `go test` start may read anything.
  return has(GO_COMPILE) || (go.subcommand !== 'build' && go.subcommand !== 'install');
}

function hasNoCommand({ node }: RunStep): boolean {
  return node.rest.value.trim() === '';
}

const EVERYBODY =
  /^(?:PATH|HOME|LD_.*|SHELL|.*_proxy|.*_PROXY|SSL_CERT.*|TZ|LANG|LC_.*|DEBIAN_FRONTEND|SOURCE_DATE_EPOCH)$/;
/** What is for the compile alone leaves a download as it is. */
const GO_DOWNLOAD =
  /^(?:GO(?!OS$|ARCH$|ARM$|ARM64$|AMD64$|386$|MIPS|PPC64$|RISCV64$|WASM$|EXPERIMENT$|GCFLAGS$|LDFLAGS$|_LDFLAGS$|_GCFLAGS$)[A-Z0-9_]*|NETRC|GIT_.*CONFIG.*|GIT_SSH.*|SSH_.*)$/;
const GO_COMPILE = /^(?:GO[A-Z0-9]*|CGO_\w+|CC|CXX|FC|AR|PKG_CONFIG.*)$/;

/** Programs that do what their arguments say. */
const QUIET: ReadonlySet<string> = new Set(
  (
    'apk apt apt-get yum dnf microdnf tdnf zypper pacman curl wget tar unzip gzip xz mkdir rm rmdir mv cp ln touch chmod chown ' +
    'echo printf cat true false : test [ [[ set sleep ls pwd id adduser addgroup useradd groupadd usermod update-ca-certificates ' +
    'git ssh-keyscan sed grep awk cut head tail sort uniq tr find xargs install sha256sum sha512sum gpg which command dpkg ' +
    'uname date exit'
  ).split(' '),
);
