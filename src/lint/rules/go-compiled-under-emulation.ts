import { cgoNeedOf } from '../../golang/packages/cgo-need.ts';
import { unlessCertain } from '../confidence.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { cgoSetting } from '../reading/cgo-setting.ts';
import { commandName } from '../reading/command-name.ts';
import { compiledPrograms } from '../reading/compiled-programs.ts';
import { crossCompileFix } from '../reading/cross-compile-fix.ts';
import { emulatedPlatforms, type EmulatedPlatforms } from '../reading/emulated-platforms.ts';
import type { BuildRule, Fix, Problem, Severity } from '../types.ts';

export const goCompiledUnderEmulation: BuildRule = {
  id: 'go-compiled-under-emulation',
  number: 36,
  subject: 'build',
  group: 'image',
  severity: 'high',
  fix: 'safe',
  summary: 'Go compiles under emulation for other platforms instead of cross-compiling',
  check: (build) => {
    const emulated = emulatedPlatforms(build);
    if (emulated === undefined) return [];
    return build.stages.filter(({ base }) => base === undefined).flatMap((root) => checkRoot(build, root, emulated));
  },
};

/** Stages built FROM one another have one platform: that of the first. */
function checkRoot(build: ImageBuild, root: StageFacts, emulated: EmulatedPlatforms): readonly Problem[] {
  if (!isForTarget(root)) return [];
  const compiles = build.runs
    .filter(({ stage }) => stage.chain.includes(root))
    .flatMap((run) => run.commands.map((command) => ({ run, command })))
    .filter(({ command }) => command.go?.kind === 'compile');
  const [first] = compiles;
  if (first === undefined) return [];
  const isFinal = build.target.chain.includes(root);
  const { platforms, invocation, isCertain } = emulated;
  const flag = root.from.flags.find(({ value }) => value.startsWith('--platform='));
  const problem = {
    file: build.file,
    range: flag?.range ?? root.from.words[0]?.range ?? root.range,
    message: `${commandName(first.command)} runs under emulation for ${platforms.join(', ')} (${invocation.label} of \`${invocation.file}\`), as its stage is built for the target platform and not for $BUILDPLATFORM`,
    cost: 'an emulated compile takes several times as long as a cross-compile',
    severity: severityOf(build, compiles, isFinal),
  };
  const fix = isFinal ? undefined : fixOf(build, root, { compiles, platforms });
  return [unlessCertain(isCertain, fix === undefined ? problem : { ...problem, fix })];
}

/** Without `--platform`, or with the target's, and with an image that has all platforms. */
function isForTarget({ platform, image }: StageFacts): boolean {
  if (image === undefined || /(?:^|\/)(?:amd64|arm64v8|arm32v[567]|i386|s390x|ppc64le|riscv64)\//.test(image.reference))
    return false;
  return platform === undefined || /^["']?\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})["']?$/.test(platform);
}

/** Programs with cgo need a C compiler for each platform; a final stage with Go in it may be meant so, and tools in it are. */
function severityOf(build: ImageBuild, compiles: readonly CommandInRun[], isFinal: boolean): Severity {
  const isTools = compiles.every(({ command }) => command.go?.packages.some(({ text }) => text.includes('@')));
  if (isFinal) return isTools ? 'low' : 'medium';
  return compiles.some((each) => needsCgo(build, each) === 'yes') ? 'medium' : 'high';
}

function needsCgo(build: ImageBuild, { run, command }: CommandInRun): 'yes' | 'maybe' | 'unset' | 'no' {
  const setting = cgoSetting(command);
  if (setting === 'off') return 'no';
  if (setting === 'on') return 'yes';
  const programs = compiledPrograms(build, run, command);
  const { answer } = programs === undefined ? { answer: 'unset' } : cgoNeedOf(build.repository.go, programs);
  if (answer === 'yes') return 'yes';
  return answer === 'optional' || answer === 'maybe' || setting === 'unknown' ? 'maybe' : 'unset';
}

function fixOf(
  build: ImageBuild,
  root: StageFacts,
  { compiles, platforms }: { readonly compiles: readonly CommandInRun[]; readonly platforms: readonly string[] },
): Fix | undefined {
  const builds = compiles.filter(({ command }) => command.go?.subcommand === 'build');
  const needs = builds.map((each) => needsCgo(build, each));
  if (needs.some((need) => need === 'yes' || need === 'maybe')) return undefined;
  const fix = crossCompileFix(build, root, { compiles, platforms });
  return fix && { ...fix, isSafe: fix.isSafe && needs.every((need) => need === 'no') };
}
