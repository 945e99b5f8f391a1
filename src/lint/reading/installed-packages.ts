import type { ShellWord } from '../../shell/types.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { RunStep } from '../facts/step.ts';

/** A package of the distribution that a command installs. */
export interface InstalledPackage {
  /** Without version and repository. */
  readonly name: string;
  readonly word: ShellWord;
  readonly run: RunStep;
  readonly command: CommandFacts;
}

/** What apk, apt-get, dnf and alike install in a stage and the stages below it. */
export function installedPackages({ chain }: StageFacts): readonly InstalledPackage[] {
  const runs = chain.toReversed().flatMap(({ steps }) => steps.filter((step) => step.kind === 'run'));
  return runs.flatMap((run) =>
    run.commands.flatMap((command) =>
      packageWords(command).map((word) => ({ name: nameOf(word), word, run, command })),
    ),
  );
}

const INSTALL: Readonly<Record<string, string>> = {
  apk: 'add',
  'apt-get': 'install',
  apt: 'install',
  dnf: 'install',
  microdnf: 'install',
  yum: 'install',
  tdnf: 'install',
  zypper: 'install',
};

/** Options that take the next word. */
const WITH_VALUE = /^(?:-t|--virtual|-X|--repository|-o|-c|--target-release|--repositories-file|-p|--root)$/;

/** The words of a command that name packages to install. */
export function packageWords({ program, words }: CommandFacts): readonly ShellWord[] {
  const wanted = Object.hasOwn(INSTALL, program) ? INSTALL[program] : undefined;
  const start = wanted === undefined ? -1 : words.findIndex(({ text }) => text === wanted);
  if (start < 0) return [];
  return words.slice(start + 1).filter(({ text }, index, all) => {
    const before = all[index - 1]?.text ?? '';
    return !text.startsWith('-') && !WITH_VALUE.test(before) && nameOf({ text }) !== '';
  });
}

function nameOf({ text }: Pick<ShellWord, 'text'>): string {
  return /^["']?(?<name>[a-z0-9][\w.+-]*)/i.exec(text)?.groups?.['name'] ?? '';
}

export function isCompiler(name: string): boolean {
  return /^(?:gcc|gcc-\d+|g\+\+|clang|clang-?\d+|build-base|build-essential|alpine-sdk|musl-tools)$/.test(name);
}
