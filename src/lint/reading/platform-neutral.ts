import { posix } from 'node:path';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import { isWithin } from '../../golang/packages/tree-paths.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';

/** Nothing in the stages depends on the machine they run on, or runs what was compiled. */
export function isNeutral(build: ImageBuild, root: StageFacts): boolean {
  return build.runs
    .filter(({ stage }) => stage.chain.includes(root))
    .every(
      (run) =>
        run.commands.length > 0 &&
        run.notFollowed.length === 0 &&
        run.commands.every(({ go, program, isSetting, isOpaque, argv }) => {
          if (isOpaque || (MOVERS.has(program) && argv.some((word) => SYSTEM_FILE.test(word)))) return false;
          return isSetting || (go === undefined ? NEUTRAL.has(program) : go.kind !== 'environment');
        }),
    );
}

const NEUTRAL: ReadonlySet<string> = new Set(
  (
    'apk apt apt-get mkdir cp mv rm chmod chown echo printf ls cat touch true test [ git update-ca-certificates adduser addgroup ' +
    'useradd groupadd pwd set sleep date sha256sum ln'
  ).split(' '),
);

const MOVERS: ReadonlySet<string> = new Set(['cp', 'mv', 'ln']);
/** Programs and libraries of the distribution. */
const SYSTEM_FILE = /^\/(?:usr\/(?!share\/|local\/bin\/)|lib|bin\/|sbin\/)/;

/** Is another target's image built from the stages, so that it would be for the wrong platform? */
export function isPartOfOtherImage({ repository, file }: ImageBuild, root: StageFacts): boolean {
  return repository.builds.some(
    (other) => other.file === file && other.target.chain.some(({ range }) => range.start === root.range.start),
  );
}

/** Other stages take nothing from these but what `go build` wrote, sources, and files that are the same on each platform. */
export function copiesOnlyOutputs(build: ImageBuild, root: StageFacts, builds: readonly CommandInRun[]): boolean {
  const isOurs = (stage: StageFacts | undefined): boolean => stage?.chain.includes(root) === true;
  const outputs = builds.flatMap(({ command: { go, cwd } }) => {
    const output = go && findGoFlag(go, 'o')?.value;
    return output === undefined || cwd === undefined ? [] : [posix.resolve(go?.directory ?? cwd, output)];
  });
  const works = builds
    .flatMap(({ command }) => command.go?.directory ?? [])
    .filter((path) => !/^\/(?:go)?$/.test(path));
  const isRight = (value: string): boolean => {
    const path = posix.resolve('/', value);
    return (
      /^\/(?:etc|usr\/share)\//.test(path) ||
      works.some((work) => isWithin(path, work)) ||
      outputs.some((output) => path === output || (isWithin(output, path) && !SYSTEM.test(path)))
    );
  };
  return build.steps.every((step) => {
    if (step.kind === 'run') return isOurs(step.stage) || !step.mounts.some((mount) => isOurs(mount.fromStage));
    if (step.kind !== 'copy' || !isOurs(step.fromStage) || isOurs(step.stage)) return true;
    return step.sources.every(({ value }) => isRight(value));
  });
}

const SYSTEM = /^\/(?:$|bin|sbin|lib|usr|root|go(?:\/bin)?$)/;
