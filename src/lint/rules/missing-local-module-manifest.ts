import { planBuildList } from '../../golang/packages/resolve-import.ts';
import { isWithin } from '../../golang/packages/tree-paths.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { isBrought } from '../reading/brought-files.ts';
import { commandName } from '../reading/command-name.ts';
import { buildListAt, repositoryDirectory } from '../reading/compiled-programs.ts';
import { type LocalModule, localModules } from '../reading/local-modules.ts';
import { manifestCopies } from '../reading/manifest-copies.ts';
import type { BuildRule, Problem } from '../types.ts';

export const missingLocalModuleManifest: BuildRule = {
  id: 'missing-local-module-manifest',
  number: 31,
  subject: 'build',
  group: 'modules',
  severity: 'high',
  fix: 'safe',
  summary: 'go.mod or go.work names a directory whose go.mod is not there at the download',
  check: (build) =>
    build.stages.flatMap(({ steps }) =>
      firstProblem(
        build,
        steps.filter((step) => step.kind === 'run'),
      ),
    ),
};

/** The build stops at the first command that misses one. */
function firstProblem(build: ImageBuild, runs: readonly RunStep[]): readonly Problem[] {
  for (const run of runs) {
    for (const command of run.commands) {
      if (command.go === undefined && mayBringFiles(command)) return [];
      const problem = checkCommand(build, run, command);
      if (problem !== undefined) return [problem];
    }
    if (run.notFollowed.length > 0) return [];
  }
  return [];
}

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): Problem | undefined {
  const { go } = command;
  const loads = go !== undefined && /^(?:compile|download|query)$/.test(go.kind) && go.subcommand !== 'generate';
  if (!loads || !build.context.hasFiles) return undefined;
  if (go.packages.some(({ text }) => text.includes('@')) || earlierMayBring(run)) return undefined;
  const directory = repositoryDirectory(build, run, command);
  if (directory === undefined) return undefined;
  const isThere = (path: string): ReturnType<typeof isBrought> =>
    isBrought(build, { run, path, directory: containerRoot(run) });
  const plan = buildListAt(build, directory, command);
  if (plan === undefined) return undefined;
  const work = plan.workspace === undefined ? 'absent' : isThere(plan.workspace.file);
  const list = work === 'absent' ? planBuildList(build.repository.go, directory, { useWork: false }) : plan;
  if (list === undefined || work === 'unknown' || list.vendorDirectory !== undefined) return undefined;
  const how = isThere(list.main.file);
  if (how !== 'copied' && how !== 'mounted') return undefined;
  const missing = localModules(build, list).filter((module) => isMissing(build, module, isThere));
  const [first] = missing;
  if (first === undefined) return undefined;
  const fix =
    how === 'copied' && go.kind === 'download'
      ? manifestCopies(build, { run, command, directory, modules: missing })
      : undefined;
  return {
    file: build.file,
    range: command.file === build.file ? command.range : run.node.keywordRange,
    message: messageOf(command, first, build),
    cost: 'the build fails',
    ...(fix === undefined ? {} : { fix }),
  };
}

function messageOf(command: CommandFacts, { written, namedBy, directory }: LocalModule, build: ImageBuild): string {
  const why = isInside(build, directory)
    ? `no COPY brings \`${directory}/go.mod\` before it`
    : 'that directory lies outside of the build context';
  return `${commandName(command)} reads the module in \`${written}\`, which \`${namedBy}\` names, but ${why}`;
}

function isInside({ context }: ImageBuild, directory: string | undefined): boolean {
  return directory !== undefined && isWithin(directory, context.directory);
}

/** Outside of the context, or not there by any COPY. A directory without a go.mod in the repository is made by something else. */
function isMissing(build: ImageBuild, { directory }: LocalModule, isThere: (path: string) => string): boolean {
  if (!isInside(build, directory)) {
    const isCertain = directory === undefined || build.context.isKnown;
    const hasMore = build.definitions.some((each) => each.contextNames.length > 0 || each.context === undefined);
    return isCertain && !hasMore;
  }
  const file = directory === '' ? 'go.mod' : `${directory}/go.mod`;
  return build.repository.go.modules.some((module) => module.file === file) && isThere(file) === 'absent';
}

/** Where the command works; what is copied above or below it counts. */
function containerRoot({ before }: RunStep): string {
  return before.workdir;
}

/** Any command of an earlier RUN. */
function earlierMayBring(run: RunStep): boolean {
  const steps = run.stage.chain.toReversed().flatMap((stage) => stage.steps);
  return steps
    .slice(0, steps.indexOf(run))
    .some(
      (step) =>
        step.kind === 'run' &&
        (step.notFollowed.length > 0 || step.commands.some((each) => each.go === undefined && mayBringFiles(each))),
    );
}

function mayBringFiles({ program, text, isOpaque }: CommandFacts): boolean {
  if (isOpaque || /^(?:cp|mv|tar|unzip|ln|rsync|sed|tee|patch|cat)$/.test(program)) return true;
  return /\bgit\b.*\b(?:clone|submodule|pull|checkout)\b|\bgo\.(?:mod|work)\b/.test(text);
}
