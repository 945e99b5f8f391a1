import { posix } from 'node:path';
import { unlessCertain } from '../confidence.ts';
import { replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import { type CLinkage, cLinkageOf } from '../reading/c-linkage.ts';
import { cgoSetting } from '../reading/cgo-setting.ts';
import { commandName } from '../reading/command-name.ts';
import { installedPackages } from '../reading/installed-packages.ts';
import { type Libc, libcOf } from '../reading/libc.ts';
import { copyOfOutput, outputsOf } from '../reading/shipped-program.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const cgoBinaryIntoStaticImage: BuildRule = {
  id: 'cgo-binary-into-static-image',
  number: 34,
  subject: 'build',
  group: 'cgo',
  severity: 'high',
  fix: 'safe',
  summary: 'a program that links the C library goes into an image without that library',
  check: (build) => {
    const there = libcOf(build.target);
    if (there === undefined || bringsLibraries(build)) return [];
    return build.flows.flatMap(({ compile }) => checkCompile(build, compile, there));
  },
};

function checkCompile(build: ImageBuild, compile: CommandInRun, there: Libc): readonly Problem[] {
  const { run, command } = compile;
  const { go } = command;
  if (go?.subcommand !== 'build' && go?.subcommand !== 'install') return [];
  if (build.target.chain.includes(run.stage) || go.packages.some(({ text }) => text.includes('@'))) return [];
  const own = libcOf(run.stage);
  if (own === undefined || own === there || own === 'none' || copyOfOutput(build, compile) === undefined) return [];
  const linkage = cLinkageOf(build, compile);
  if (linkage === undefined) return [];
  const fix = fixOf(build, compile, linkage);
  const [first] = linkage.because;
  const why = first === undefined ? 'cgo is on' : `\`${first}\` uses cgo`;
  const image = build.target.chain.at(-1)?.baseName ?? '';
  const lack = there === 'none' ? 'has no C library' : `has ${there}`;
  const problem = {
    file: build.file,
    range: command.file === build.file ? command.range : run.node.keywordRange,
    message: `${commandName(command)} links ${own} (${why}), and the image from \`${image}\` ${lack}, so the program ends with "no such file or directory"`,
    cost: 'the program does not start',
    severity: 'high' as const,
    ...(fix === undefined ? {} : { fix }),
  };
  return [unlessCertain(linkage.isCertain, problem)];
}

/** Only where nothing sets CGO_ENABLED: who switches it on needs it. */
function fixOf(build: ImageBuild, { run, command }: CommandInRun, { withoutCgo }: CLinkage): Fix | undefined {
  const isPlain = command.file === build.file && command.isExact && command.wrappers.every((name) => name === 'env');
  if (!isPlain || run.isTrigger || withoutCgo === 'no' || cgoSetting(command) !== 'default') return undefined;
  const { start } = command.range;
  return {
    isSafe: withoutCgo === 'yes',
    title: 'Compile with CGO_ENABLED=0',
    edits: [replace(build.file, { start, end: start }, 'CGO_ENABLED=0 ')],
  };
}

/** Libraries, or whole file trees, come into the image by other ways. */
function bringsLibraries(build: ImageBuild): boolean {
  const outputs = build.flows.flatMap(({ compile }) => outputsOf(build, compile));
  const compat = installedPackages(build.target).some(({ name }) => /^(?:gcompat|libc6-compat|musl|glibc)$/.test(name));
  return (
    compat ||
    build.target.chain.some(({ steps }) =>
      steps.some((step) => {
        if (step.kind === 'run') return step.commands.some(({ text }) => /ld-linux|ld-musl|glibc/.test(text));
        if (step.kind !== 'copy' && step.kind !== 'add') return false;
        if (step.kind === 'add' && step.sources.some(({ value }) => /\.(?:tar|tgz|t[xg]z|tar\.\w+)$/.test(value)))
          return true;
        return (
          [step.destination ?? '', ...step.sources.map(({ value }) => value)].some((path) => LIBRARY.test(path)) ||
          (step.destination === '/' && step.sources.some(({ value }) => isTree(value, outputs)))
        );
      }),
    )
  );
}

const LIBRARY = /(?:^|\/)lib(?:32|64|x32)?(?:\/|$)|\.so(?:$|\.|\*)|(?:^|\/)ld-(?:linux|musl)/;

/** Copied to `/`: a directory that may hold a C library, not a program. */
function isTree(value: string, outputs: readonly string[]): boolean {
  const path = posix.resolve('/', value);
  return !outputs.includes(path) && (path === '/' || /(?:root|rootfs|sysroot|dist|chroot)\/?\.?$/.test(value));
}
