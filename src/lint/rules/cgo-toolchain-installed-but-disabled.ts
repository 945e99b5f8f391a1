import { removeCommand, removeWords } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { cgoSetting } from '../reading/cgo-setting.ts';
import { type InstalledPackage, installedPackages, packageWords } from '../reading/installed-packages.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const cgoToolchainInstalledButDisabled: BuildRule = {
  id: 'cgo-toolchain-installed-but-disabled',
  number: 35,
  subject: 'build',
  group: 'cgo',
  severity: 'low',
  fix: 'unsafe',
  summary: 'a C compiler is installed where every compile has CGO_ENABLED=0',
  check: (build) => build.stages.flatMap((stage) => checkStage(build, stage)),
};

/** One problem for each command that installs a compiler. */
function checkStage(build: ImageBuild, stage: StageFacts): readonly Problem[] {
  const own = installedPackages(stage).filter(({ run }) => run.stage === stage && !run.isTrigger);
  const runs = build.runs.filter((run) => run.stage.chain.includes(stage));
  const commands = runs.flatMap((run) => run.commands);
  if (own.length === 0 || runs.some((run) => run.notFollowed.length > 0) || !isPureGo(commands)) return [];
  const hasMake = commands.some(
    ({ program, via }) => /^g?make$/.test(program) || via.some((each) => /^g?make\b/.test(each)),
  );
  const useless = own.filter(({ name }) => C_PACKAGES.test(name) && !(hasMake && BRINGS_MAKE.test(name)));
  return [...Map.groupBy(useless, ({ command }) => command)].flatMap(([command, packages]) => {
    const [first] = packages;
    if (first === undefined || command.file !== build.file || !packages.some(({ name }) => COMPILERS.test(name)))
      return [];
    const names = packages.map(({ name }) => `\`${name}\``).join(', ');
    const fix = fixOf(build, command, packages);
    return [
      {
        file: build.file,
        range: first.word.range,
        message: `Every compile in the stage has CGO_ENABLED=0, so nothing uses the C compiler: ${names}`,
        cost: 'some 100 MB or more to download whenever the step runs',
        ...(fix === undefined ? {} : { fix }),
      },
    ];
  });
}

const COMPILERS = /^(?:gcc|g\+\+|clang|build-base|build-essential|alpine-sdk)$/;
const C_PACKAGES = /^(?:gcc|g\+\+|clang|build-base|build-essential|alpine-sdk|musl-dev|libc-dev|libc6-dev)$/;
/** They bring make, and alpine-sdk git too. */
const BRINGS_MAKE = /^(?:build-base|build-essential|alpine-sdk)$/;

/** Go compiles, and nothing else that may want a C compiler runs. */
function isPureGo(commands: readonly CommandFacts[]): boolean {
  const compiles = commands.filter(({ go }) => go?.kind === 'compile');
  return (
    compiles.length > 0 &&
    compiles.every((each) => cgoSetting(each) === 'off' && each.go?.subcommand !== 'generate') &&
    commands.every(({ go, program, isSetting, isOpaque }) => {
      return !isOpaque && (isSetting || go !== undefined || NO_COMPILER.has(program));
    })
  );
}

const NO_COMPILER: ReadonlySet<string> = new Set(
  (
    'apk apt apt-get dnf yum microdnf tdnf mkdir cp mv rm chmod chown echo printf ls cat touch true false test [ set git curl wget tar unzip ' +
    'update-ca-certificates adduser addgroup useradd groupadd pwd sleep date sha256sum ln make upx'
  ).split(' '),
);

function fixOf(build: ImageBuild, command: CommandFacts, packages: readonly InstalledPackage[]): Fix | undefined {
  const [first] = packages;
  const isAll = packageWords(command).length === packages.length;
  const edits = isAll
    ? first && removeCommand(build, first.run, command)
    : removeWords(
        command,
        packages.map(({ word }) => word),
      );
  return edits && { isSafe: false, title: 'Do not install the C compiler', edits };
}
