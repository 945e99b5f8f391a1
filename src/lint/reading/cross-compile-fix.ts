import { insertBefore, replace } from '../edits.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { RunStep } from '../facts/step.ts';
import type { Edit, Fix } from '../types.ts';
import { copiesOnlyOutputs, isNeutral, isPartOfOtherImage } from './platform-neutral.ts';

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
  const declared = new Set<string>();
  for (const run of new Set(builds.map((each) => each.run))) {
    const more = runEdits(build, run, { builds, declared });
    if (more === undefined) return undefined;
    edits.push(...more);
  }
  const isSafe =
    others.every((name) => name === 'vet') &&
    // Another image may set GOARCH, or be there for one platform only.
    root.image?.isGolang === true &&
    !root.image.isUnknown &&
    !platforms.some((platform) => /\/arm(?:\/|$)/.test(platform)) &&
    !isPartOfOtherImage(build, root) &&
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
function runEdits(
  build: ImageBuild,
  run: RunStep,
  { builds, declared }: { readonly builds: readonly CommandInRun[]; readonly declared: Set<string> },
): readonly Edit[] | undefined {
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
  const lacking = [...names].filter((name) => !declared.has(`${run.stage.index} ${name}`));
  for (const name of lacking) declared.add(`${run.stage.index} ${name}`);
  if (lacking.length > 0) edits.unshift(insertBefore(build, run, [`ARG ${lacking.join(' ')}`]));
  return edits;
}

/** Is a variable of Go set from one of the automatic ones, in the RUN or by an ENV above it? */
function comesFrom(run: RunStep, own: string, target: string): boolean {
  const pattern = new RegExp(`\\b${own}(?:=|\\s+)["']?\\$\\{?${target}\\b`);
  return run.stage.chain.some(({ steps }) => steps.some(({ node }) => pattern.test(node.raw)));
}
