import type { CommandFacts } from '../facts/command.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { removeCommand, removeStep } from '../edits.ts';
import type { Edit } from '../types.ts';

/** `go mod download` of a whole module, run once and for sure. */
export function isPlainDownload({ go, isAlwaysRun, blocks, assignments, wrappers }: CommandFacts): boolean {
  return (
    go?.subcommand === 'mod download' &&
    go.packages.length === 0 &&
    go.isComplete &&
    isAlwaysRun &&
    assignments.length === 0 &&
    wrappers.length === 0 &&
    !blocks.some((block) => block === 'loop' || block === 'or' || block === 'pipeline' || block === 'background')
  );
}

/** Does a `||` stand in a RUN: what fails is forgiven, or tried again. */
export function isForgiving({ node }: RunStep): boolean {
  return node.raw.includes('||');
}

/** Takes downloads out of a RUN; the whole RUN when it does nothing else. */
export function removeDownloads(
  build: ImageBuild,
  run: RunStep,
  downloads: readonly CommandFacts[],
): readonly Edit[] | undefined {
  if (run.isTrigger || downloads.some(({ file }) => file !== build.file)) return undefined;
  const others = run.commands.filter((command) => !downloads.includes(command));
  if (run.notFollowed.length === 0 && others.every((command) => isIdle(command))) return [removeStep(build, run)];
  const [only] = downloads;
  return only === undefined || downloads.length > 1 ? undefined : removeCommand(build, run, only);
}

/** Leaves nothing behind: `cd`, `set -e`, `echo`. What is exported ends with the script. */
function isIdle({ isSetting, program, redirects, argv }: CommandFacts): boolean {
  if (isSetting) return argv[0] !== 'go';
  return redirects.length === 0 && /^(?:set|echo|true|:)$/.test(program);
}

/** The RUNs between two others on the way to the second. */
export function runsBetween({ runs }: ImageBuild, from: RunStep, to: RunStep): readonly RunStep[] {
  return runs.filter(
    (run) =>
      to.stage.chain.includes(run.stage) &&
      runs.indexOf(run) > runs.indexOf(from) &&
      runs.indexOf(run) < runs.indexOf(to),
  );
}

/** Variables that say what a download fetches, and from where. */
export function hasSameSettings(a: CommandInRun, b: CommandInRun): boolean {
  const names = ['GOFLAGS', 'GOPROXY', 'GOPRIVATE', 'GONOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOWORK', 'GOTOOLCHAIN'];
  const value = ({ command: { env, goEnv, unknown } }: CommandInRun, name: string): string | undefined =>
    unknown.has(name) ? `unknown ${name}` : (env.get(name) ?? goEnv.get(name));
  return names.every((name) => value(a, name) === value(b, name));
}
