import type { CommandFacts } from '../facts/command.ts';
import type { RunStep } from '../facts/step.ts';

/** What a command fetches from the network, whatever the sources are. */
export type Fetch = 'modules' | 'packages' | 'tool' | 'archive';

/** undefined for commands that fetch nothing, or that aren't known to. */
export function fetchOf(command: CommandFacts): Fetch | undefined {
  if (command.isSetting) return undefined;
  const { go, program, argv } = command;
  if (go?.kind === 'download' && go.subcommand === 'mod download') return 'modules';
  if (go !== undefined) return isToolInstall(command) ? 'tool' : undefined;
  const verbs = Object.hasOwn(PACKAGE_MANAGERS, program) ? PACKAGE_MANAGERS[program] : undefined;
  if (verbs !== undefined) return argv.slice(1).some((word) => verbs.test(word)) ? 'packages' : undefined;
  const isTransfer = program === 'curl' || program === 'wget';
  return isTransfer && argv.some((word) => ARCHIVE.test(word)) ? 'archive' : undefined;
}

/** `go install module@version`: from the network, not from the sources. */
export function isToolInstall({ go }: CommandFacts): boolean {
  return (
    (go?.subcommand === 'install' || go?.subcommand === 'get') &&
    go.packages.length > 0 &&
    go.packages.every(({ value, text }) => (value ?? text).includes('@'))
  );
}

/** The first fetch of a RUN that does nothing with the sources; undefined when it compiles them, or it isn't known what it does. */
export function pureFetch(run: RunStep): CommandFacts | undefined {
  if (run.notFollowed.length > 0 || run.commands.some(({ isOpaque }) => isOpaque)) return undefined;
  const compiles = run.commands.some((command) => command.go?.kind === 'compile' && !isToolInstall(command));
  return compiles ? undefined : run.commands.find((command) => fetchOf(command) !== undefined);
}

const PACKAGE_MANAGERS: Readonly<Record<string, RegExp>> = {
  apk: /^(?:add|upgrade)$/,
  'apt-get': /^(?:install|upgrade|dist-upgrade)$/,
  apt: /^(?:install|upgrade|full-upgrade)$/,
  yum: /^(?:install|update|upgrade)$/,
  dnf: /^(?:install|update|upgrade)$/,
  microdnf: /^(?:install|update|upgrade)$/,
  tdnf: /^(?:install|update|upgrade)$/,
  zypper: /^(?:in|install|update|up)$/,
  pacman: /^-S/,
};

const ARCHIVE = /^https?:\/\/\S+\.(?:tar\.gz|tgz|tar\.xz|tar\.bz2|zip|deb|rpm)$/;
