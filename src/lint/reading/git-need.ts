import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import type { FileTree } from '../../core/file-tree.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { RunStep } from '../facts/step.ts';
import { isToolInstall } from './fetches.ts';
import { chainSteps } from './stage-steps.ts';

/**
 * Does a RUN read .git, or may it: git itself, a program or script that isn't known, or a compile that stamps the commit into the program?
 * Source of the stamp: https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies, -buildvcs
 */
export function mayReadGit(run: RunStep, tree: FileTree): boolean {
  if (run.notFollowed.length > 0 || run.commands.some((command) => command.isOpaque)) return true;
  const files = new Set(run.commands.filter(({ via }) => via.length > 0).map(({ file }) => file));
  const texts = [run.node.raw, ...[...files].map((file) => tree.read(file) ?? '')];
  if (texts.some((text) => /(?<![\w.-])git(?![\w.-]|hub|lab)/.test(withoutInstalls(text)))) return true;
  const hasGit = mayHaveGit(run.stage);
  return run.commands.some((command) => readsGit(command, hasGit));
}

function readsGit(command: CommandFacts, hasGit: boolean): boolean {
  const { go, isSetting, program } = command;
  if (isSetting) return false;
  if (go === undefined) return !QUIET.has(program);
  if (go.kind !== 'compile' || isToolInstall(command)) return false;
  if (go.program !== 'go' && go.program !== 'xx-go') return true;
  if (go.subcommand !== 'build' && go.subcommand !== 'install' && go.subcommand !== 'vet') return true;
  if (go.subcommand === 'vet') return false;
  const stamp = findGoFlag(go, 'buildvcs')?.value;
  return stamp !== 'false' && stamp !== '0' && hasGit;
}

/** The official image on Debian has git; the one on Alpine gets it by a package; of others nobody knows. */
export function mayHaveGit(stage: StageFacts): boolean {
  const { image } = stage;
  if (image?.isGolang !== true || !/alpine/.test(image.tag ?? '')) return true;
  return chainSteps(stage).some((step) => {
    if (step.kind === 'copy' || step.kind === 'add')
      return step.from !== undefined && /(?:^|\/)(?:git|bin|usr)?\/?$/.test(step.sources[0]?.value ?? '');
    if (step.kind !== 'run') return false;
    return step.notFollowed.length > 0 || /(?<![\w.-])git(?![\w.-])|build-base-git|alpine-sdk/.test(step.node.raw);
  });
}

/** `apk add git` brings it, and reads nothing. */
function withoutInstalls(text: string): string {
  return text
    .replaceAll(/\b(?:apk|apt-get|apt|dnf|yum|microdnf)\b(?:\\\r?\n|[^;&|\n])*/g, '')
    .replaceAll(/\.git\w*/g, '');
}

const QUIET = new Set(
  (
    'apk apt apt-get yum dnf microdnf curl wget tar unzip gzip mkdir rm rmdir mv cp ln touch chmod chown echo printf cat true false : test [ ' +
    'set sleep ls pwd id adduser addgroup useradd groupadd update-ca-certificates sed grep awk cut head tail strip upx install date uname ' +
    'xx-verify xx-apk xx-apt xx-apt-get file which'
  ).split(' '),
);
