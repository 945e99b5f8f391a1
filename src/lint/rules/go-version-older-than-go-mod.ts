import { compareGoVersions, goLanguageVersion } from '../../golang/module/go-version.ts';
import { moduleAt, workspaceAt } from '../../golang/packages/read-repository.ts';
import type { GoMod } from '../../golang/module/types.ts';
import { unlessCertain } from '../confidence.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import type { StageFacts } from '../facts/stage.ts';
import { repositoryDirectory } from '../reading/compiled-programs.ts';
import { baseVariables, raiseGoTag } from '../reading/base-image-tag.ts';
import { hasOtherGo } from '../reading/other-go.ts';
import type { BuildRule, Problem, Severity } from '../types.ts';

export const goVersionOlderThanGoMod: BuildRule = {
  id: 'go-version-older-than-go-mod',
  number: 32,
  subject: 'build',
  group: 'modules',
  severity: 'high',
  fix: 'unsafe',
  summary: "the image's Go is older than the go line of go.mod asks for",
  check: (build) =>
    build.stages.filter(({ image }) => image?.goVersion !== undefined).flatMap((stage) => checkStage(build, stage)),
};

/** One problem for each stage with an image, told at its FROM. */
function checkStage(build: ImageBuild, stage: StageFacts): readonly Problem[] {
  const version = stage.image?.goVersion;
  if (stage.base !== undefined || version === undefined) return [];
  for (const run of build.runs.filter((each) => each.stage.chain.includes(stage))) {
    for (const command of run.commands) {
      const needed = loadsModule(command) && !hasOtherGo(run, command) ? goLineOf(build, run, command) : undefined;
      if (needed !== undefined && isOlder(version, needed.version)) {
        const problem = problemOf(build, stage, { version, needed, command });
        return problem === undefined ? [] : [problem];
      }
    }
  }
  return [];
}

/** `go install tool@v1` works outside of the module. */
function loadsModule({ go, program }: CommandFacts): boolean {
  if (go === undefined || !/^(?:xx-)?go$/.test(program)) return false;
  const isModule = go.kind === 'compile' || go.kind === 'download' || go.kind === 'query';
  return isModule && !go.packages.some(({ text }) => text.includes('@'));
}

interface GoLine {
  readonly version: string;
  readonly file: string;
  readonly hasToolchain: boolean;
}

/** The higher one of the module's and its workspace's. */
function goLineOf(build: ImageBuild, run: RunStep, command: CommandFacts): GoLine | undefined {
  const directory = repositoryDirectory(build, run, command);
  if (directory === undefined) return undefined;
  const module = moduleAt(build.repository.go, directory);
  const own = module && lineOf(module.mod, module.file);
  const work = command.env.get('GOWORK') === 'off' ? undefined : workspaceAt(build.repository.go, directory);
  const isUsed = module === undefined || work?.uses.includes(module.directory) === true;
  const hasWork = work !== undefined && isUsed && build.context.files.includes(work.file);
  const above = hasWork ? lineOf(work.work, work.file) : undefined;
  if (own === undefined || above === undefined) return own ?? above;
  return compareGoVersions(above.version, own.version) > 0 ? above : own;
}

function lineOf({ go, toolchain }: Pick<GoMod, 'go' | 'toolchain'>, file: string): GoLine | undefined {
  return go && { version: go.value, file, hasToolchain: toolchain !== undefined };
}

/** A tag without a patch counts as the latest one. */
function isOlder(image: string, needed: string): boolean {
  const isFloating = /^1\.\d+$/.test(image);
  return compareGoVersions(isFloating ? (goLanguageVersion(needed) ?? '') : needed, image) > 0;
}

interface Lag {
  readonly version: string;
  readonly needed: GoLine;
  readonly command: CommandFacts;
}

function problemOf(build: ImageBuild, stage: StageFacts, lag: Lag): Problem | undefined {
  const { version, needed, command } = lag;
  const outcome = outcomeOf(lag);
  if (outcome === undefined) return undefined;
  const edits = raiseGoTag(build, stage, needed.version);
  const names = baseVariables(stage);
  const given = build.definitions.filter(({ buildArgs }) => buildArgs.some(({ name }) => names.includes(name)));
  if (given.length > 0 && given.length === build.definitions.length) return undefined;
  const [severity, mechanism, cost] = outcome;
  const problem = {
    file: build.file,
    range: stage.from.words[0]?.range ?? stage.range,
    message: `\`${needed.file}\` asks for Go ${needed.version}, the image has ${version}, and ${mechanism}`,
    cost,
    severity,
    ...(edits === undefined ? {} : { fix: { isSafe: false, title: `Take an image with Go ${needed.version}`, edits } }),
  };
  const isKnown = given.length === 0 && !command.unknown.has('GOTOOLCHAIN');
  return unlessCertain(isKnown, problem);
}

/** Source: https://go.dev/doc/toolchain#select */
function outcomeOf({ version, needed, command }: Lag): readonly [Severity, string, string] | undefined {
  if (compareGoVersions(version, '1.21') < 0) {
    const isUnreadable = /^1\.\d+\.\d/.test(needed.version) || needed.hasToolchain;
    return isUnreadable
      ? ['high', `a Go older than 1.21 can't read such a go.mod`, 'the build fails']
      : ['medium', `a Go older than 1.21 only says so when the compile fails`, 'the build fails, or may at any time'];
  }
  const toolchain = command.env.get('GOTOOLCHAIN') ?? command.goEnv.get('GOTOOLCHAIN') ?? 'auto';
  if (toolchain === 'local') return ['high', 'GOTOOLCHAIN=local lets Go use no other', 'the build fails'];
  if (toolchain !== 'auto' && !toolchain.endsWith('+auto')) return undefined;
  return ['medium', 'so Go downloads another toolchain', 'some 70 MB in each build without the module cache'];
}
