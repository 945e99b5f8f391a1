import { joinPath } from '../../dockerfile/go-text.ts';
import { programName } from '../../golang/packages/main-packages.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { type Clone, isPinnedLater, readClone } from '../reading/git-clone.ts';
import { commandName } from '../reading/command-name.ts';
import { findSourceCode } from '../reading/source-steps.ts';
import { chainSteps } from '../reading/stage-steps.ts';
import { isTaken } from '../reading/stage-uses.ts';
import type { BuildRule, Problem } from '../types.ts';

export const repositoryClonedInRun: BuildRule = {
  id: 'repository-cloned-in-run',
  number: 24,
  subject: 'build',
  group: 'layers',
  severity: 'high',
  fix: 'none',
  summary: 'the program is built from a branch that a RUN clones, and the cache keeps the old one',
  check: (build) =>
    build.runs.flatMap((run) =>
      run.isTrigger ? [] : run.commands.flatMap((command) => checkCommand(build, run, command)),
    ),
};

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Problem[] {
  if (command.file !== build.file || !command.isAlwaysRun || copiesSources(run)) return [];
  const what = movingClone(build, run, command) ?? movingInstall(build, run, command);
  if (what === undefined) return [];
  return [
    {
      file: build.file,
      range: command.range,
      message: `${commandName(command)} takes ${what} once: BuildKit keeps the step as long as its text is the same, so later builds hold old code`,
      cost: 'an old program in new images, and a full clone or download in each cold build',
    },
  ];
}

/** The context is the source then, or a mount of it will be, and what is fetched beside it is a tool. */
function copiesSources({ stage }: RunStep): boolean {
  return chainSteps(stage).some(
    (step) =>
      (step.kind === 'copy' || step.kind === 'add') &&
      (findSourceCode(step) !== undefined || step.sources.some(({ meaning }) => meaning === 'manifests')),
  );
}

/** A clone without a fixed commit that Go then compiles. */
function movingClone(build: ImageBuild, run: RunStep, command: CommandFacts): string | undefined {
  const clone = readClone(command);
  if (clone === undefined || isPinnedLater(build, run, { command, clone })) return undefined;
  if (!compilesIn(build, run, clone)) return undefined;
  return clone.branch === undefined ? 'the default branch' : `\`${clone.branch}\``;
}

function compilesIn(build: ImageBuild, run: RunStep, { directory }: Clone): boolean {
  const inClone = (path: string | undefined): boolean => path !== undefined && isWithin(path, directory);
  return build.runs.some((each) => {
    if (!each.stage.chain.includes(run.stage)) {
      return each.stage.chain.some(({ steps }) =>
        steps.some(
          (step) =>
            step.kind === 'copy' &&
            step.fromStage?.chain.includes(run.stage) === true &&
            step.sources.some(({ value }) => inClone(joinPath('/', value))) &&
            each.commands.some(({ go }) => go?.kind === 'compile'),
        ),
      );
    }
    return each.commands.some(
      ({ go, isOpaque, cwd, program }) =>
        (go?.kind === 'compile' && inClone(go.directory)) || (isOpaque && program === 'make' && inClone(cwd)),
    );
  });
}

/** `go install module@latest` whose program the image is made of. */
function movingInstall(build: ImageBuild, run: RunStep, command: CommandFacts): string | undefined {
  const { go } = command;
  if (go?.subcommand !== 'install' || go.packages.length !== 1) return undefined;
  const [path = '', version] = (go.packages[0]?.value ?? '').split('@');
  if (!/^(?:latest|upgrade|main|master|develop|trunk|HEAD)$/.test(version ?? '')) return undefined;
  const bin = command.env.get('GOBIN') ?? `${command.env.get('GOPATH') ?? '/root/go'}/bin`;
  const program = programName(path);
  if (build.target.chain.includes(run.stage)) return isStarted(build, program) ? `\`${version}\`` : undefined;
  return isTaken(build, run, `${bin}/${program}`) && !isUsedInStage(run, program) ? `\`${version}\`` : undefined;
}

/** ENTRYPOINT or CMD of the image name the program. */
function isStarted({ target }: ImageBuild, program: string): boolean {
  return target.steps.some(
    ({ node }) =>
      (node.name === 'entrypoint' || node.name === 'cmd') &&
      node.args.some((arg) => arg.split(/[\s/]/).includes(program)),
  );
}

/** A tool that the stage itself starts. */
function isUsedInStage({ stage, index, commands }: RunStep, program: string): boolean {
  const later = stage.steps.filter((step): step is RunStep => step.kind === 'run' && step.index > index);
  return [...later.flatMap((step) => step.commands), ...commands].some((each) => each.program === program);
}
