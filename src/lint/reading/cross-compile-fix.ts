import { posix } from 'node:path';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import { isWithin } from '../../golang/packages/tree-paths.ts';
import { insertBefore, replace } from '../edits.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { RunStep } from '../facts/step.ts';
import type { Edit, Fix } from '../types.ts';

export interface CrossCompile {
  /** All compiles in the stages built FROM the root. */
  readonly compiles: readonly CommandInRun[];
  readonly platforms: readonly string[];
}

/**
 * Makes the stage run on the build platform and its `go build` compile for the target: `FROM --platform`, `ARG TARGETOS TARGETARCH` right
 * above the compile, GOOS and GOARCH before it. undefined where the compile isn't a plain `go build` of the Dockerfile.
 */
export function crossCompileFix(
  build: ImageBuild,
  root: StageFacts,
  { compiles, platforms }: CrossCompile,
): Fix | undefined {
  const builds = compiles.filter(({ command }) => command.go?.subcommand === 'build');
  const others = compiles.filter((each) => !builds.includes(each)).map(({ command }) => command.go?.subcommand);
  if (builds.length === 0 || others.some((name) => name === 'install')) return undefined;
  if (root.image?.digest !== undefined && root.image.tag === undefined) return undefined;
  const edits: Edit[] = [platformEdit(build, root)].flatMap((edit) => edit ?? []);
  if (edits.length === 0 || shadowsTarget(build, root)) return undefined;
  for (const run of new Set(builds.map((each) => each.run))) {
    const more = runEdits(build, run, builds);
    if (more === undefined) return undefined;
    edits.push(...more);
  }
  const isSafe =
    others.every((name) => name === 'vet') &&
    root.image?.isUnknown === false &&
    !platforms.some((platform) => /\/arm(?:\/|$)/.test(platform)) &&
    isNeutral(build, root) &&
    copiesOnlyOutputs(build, root, builds);
  return { isSafe, title: 'Compile on the build platform for the target platform', edits };
}

function platformEdit(build: ImageBuild, { from }: StageFacts): Edit | undefined {
  const flag = from.flags.find(({ value }) => value.startsWith('--platform='));
  if (flag !== undefined) return replace(build.file, flag.range, '--platform=$BUILDPLATFORM');
  const at = from.words[0]?.range.start;
  return at === undefined ? undefined : replace(build.file, { start: at, end: at }, '--platform=$BUILDPLATFORM ');
}

function shadowsTarget({ steps }: ImageBuild, root: StageFacts): boolean {
  return steps.some(
    (step) =>
      step.kind === 'arg' &&
      step.stage.chain.includes(root) &&
      step.declares.some((each) => /^TARGET(?:OS|ARCH)$/.test(each.name) && each.default !== undefined),
  );
}

/** ARG and GOOS, GOARCH for one RUN; undefined when a `go build` in it can't be edited or has a target of its own. */
function runEdits(build: ImageBuild, run: RunStep, builds: readonly CommandInRun[]): readonly Edit[] | undefined {
  const names = new Set<string>();
  const edits: Edit[] = [];
  for (const { command } of builds.filter((each) => each.run === run)) {
    const isPlain = command.wrappers.every((name) => name === 'env') && command.program === 'go';
    if (!isPlain || command.file !== build.file || !command.isExact || run.isTrigger) return undefined;
    let prefix = '';
    for (const name of ['OS', 'ARCH']) {
      const [own, target] = [`GO${name}`, `TARGET${name}`];
      const isSet = command.env.has(own) || command.goEnv.has(own) || command.unknown.has(own);
      const isFromTarget = comesFrom(run, own, target);
      if (name === 'ARCH' && isSet && !isFromTarget) return undefined;
      if (!isSet) prefix += `${own}=$${target} `;
      if ((!isSet || isFromTarget) && !run.before.env.has(target)) names.add(target);
    }
    const { start } = command.range;
    if (prefix !== '') edits.push(replace(build.file, { start, end: start }, prefix));
  }
  const isDeclared = builds.some((each) => each.run.stage === run.stage && each.run.index < run.index);
  if (names.size > 0 && !isDeclared) edits.unshift(insertBefore(build, run, [`ARG ${[...names].join(' ')}`]));
  return edits;
}

/** Is a variable of Go set from one of the automatic ones, in the RUN or by an ENV above it? */
function comesFrom(run: RunStep, own: string, target: string): boolean {
  const pattern = new RegExp(`\\b${own}(?:=|\\s+)["']?\\$\\{?${target}\\b`);
  return run.stage.chain.some(({ steps }) => steps.some(({ node }) => pattern.test(node.raw)));
}

/** Nothing in the stages depends on the machine they run on, or runs what was compiled. */
function isNeutral(build: ImageBuild, root: StageFacts): boolean {
  return build.runs
    .filter(({ stage }) => stage.chain.includes(root))
    .every(
      (run) =>
        run.commands.length > 0 &&
        run.notFollowed.length === 0 &&
        run.commands.every(({ go, program, isSetting, isOpaque }) => {
          if (isOpaque) return false;
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

/** Other stages take nothing from these but what `go build` wrote, sources, and files that are the same on each platform. */
function copiesOnlyOutputs(build: ImageBuild, root: StageFacts, builds: readonly CommandInRun[]): boolean {
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
