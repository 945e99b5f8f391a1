import { onePerPlace } from '../reading/one-per-place.ts';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import type { GoFlag } from '../../dockerfile/go-command/types.ts';
import { removeWords } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { commandsBefore, stepsUpTo } from '../reading/commands-before.ts';
import { getFix, tidyFix } from '../reading/download-instead.ts';
import type { BuildRule, Fix, Problem, Severity } from '../types.ts';

export const tidyOrGetInBuild: BuildRule = {
  id: 'tidy-or-get-in-build',
  number: 29,
  subject: 'build',
  group: 'modules',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'the build may change go.mod and go.sum: go mod tidy, go get, -mod=mod',
  check: (build) =>
    onePerPlace(build.runs.flatMap((run) => run.commands.flatMap((command) => checkCommand(build, run, command)))),
};

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Problem[] {
  const { go } = command;
  if (go === undefined || !/^(?:xx-)?go/.test(go.program) || !isInModule(run, command)) return [];
  const isTidy = go.subcommand === 'mod tidy' && !go.flags.some(({ name }) => name === 'diff');
  if (isTidy || go.subcommand === 'get') {
    const fix = isTidy ? tidyFix(build, run, command) : getFix(build, run, command);
    return [problemOf(build, run, { command, what: commandName(command), range: command.range, fix })];
  }
  const flag = go.kind === 'compile' || go.kind === 'query' ? findGoFlag(go, 'mod') : undefined;
  if (flag?.value !== 'mod' || go.packages.some(({ text }) => text.includes('@'))) return [];
  return [modFlag(build, run, { command, flag })];
}

/** `-mod=mod` as a word, or in GOFLAGS: told at the ENV or ARG that sets it. */
function modFlag(
  build: ImageBuild,
  run: RunStep,
  { command, flag }: { readonly command: CommandFacts; readonly flag: GoFlag },
): Problem {
  if (!flag.isFromGoFlags) {
    const edits = command.file === build.file ? removeWords(command, flag.words) : undefined;
    const fix = edits && { isSafe: false, title: 'Remove `-mod=mod`', edits };
    return problemOf(build, run, { command, what: '`-mod=mod`', range: flag.words[0]?.range ?? command.range, fix });
  }
  const steps = run.stage.chain.flatMap(({ steps: own }) => own);
  const declared = steps
    .flatMap((step) => (step.kind === 'env' || step.kind === 'arg' ? [...step.declares] : []))
    .find(({ name, range }) => name === 'GOFLAGS' && range !== undefined);
  const range = declared?.range ?? command.range;
  const file = declared === undefined ? command.file : build.file;
  const what = '`-mod=mod` in GOFLAGS';
  return { ...problemOf(build, run, { command, what, range, fix: undefined }), file };
}

interface Found {
  readonly command: CommandFacts;
  readonly what: string;
  readonly range: Problem['range'];
  readonly fix: Fix | undefined;
}

function problemOf(build: ImageBuild, run: RunStep, { command, what, range, fix }: Found): Problem {
  const isHere = command.file === build.file && command.isExact;
  return {
    file: build.file,
    range: isHere ? range : run.node.keywordRange,
    message: `${what} may change go.mod and go.sum in the build, so that the image holds other modules than the repository names`,
    cost: 'builds that differ from the repository, and a look-up of versions on the network',
    severity: severityOf(run, command),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Where the build makes go.mod itself there is nothing to keep to. */
function severityOf(run: RunStep, command: CommandFacts): Severity {
  return commandsBefore(run, command).some(({ go }) => go?.subcommand === 'mod init') ? 'low' : 'medium';
}

/** Has a COPY, a mount or `go mod init` put a go.mod there? `go get tool` elsewhere is how old Go installs programs. */
function isInModule(run: RunStep, command: CommandFacts): boolean {
  if (command.env.get('GO111MODULE') === 'off') return false;
  const brings = (step: StepFacts): boolean => {
    if (step.kind !== 'copy' && step.kind !== 'add') return false;
    if (step.from !== undefined) return step.fromStage?.steps.some(brings) === true;
    return step.sources.some(
      ({ meaning, files }) =>
        meaning === 'git' ||
        meaning === 'context' ||
        (files ?? []).some((file) => /(?:^|\/)go\.mod$/.test(file)) ||
        (meaning === 'manifests' && files === undefined),
    );
  };
  if (stepsUpTo(run).some(brings)) return true;
  if (run.mounts.some(({ type, values }) => type === 'bind' && !/\.(?!mod)\w+$/.test(values.source))) return true;
  return commandsBefore(run, command).some(
    ({ go, text }) => go?.subcommand === 'mod init' || /\bgit\b.*\bclone\b/.test(text),
  );
}
