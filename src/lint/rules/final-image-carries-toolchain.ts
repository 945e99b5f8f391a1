import { posix } from 'node:path';
import { reachPackages } from '../../golang/packages/reach.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import { compiledPrograms } from '../reading/compiled-programs.ts';
import { imageCommand } from '../reading/image-command.ts';
import { secondStageFix } from '../reading/second-stage-fix.ts';
import { outputsOf } from '../reading/shipped-program.ts';
import type { BuildRule, Problem } from '../types.ts';

export const finalImageCarriesToolchain: BuildRule = {
  id: 'final-image-carries-toolchain',
  number: 39,
  subject: 'build',
  group: 'image',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'the image that runs the program also holds the Go toolchain and the sources',
  check: (build) => (isForDevelopment(build) ? [] : checkBuild(build)),
};

function checkBuild(build: ImageBuild): readonly Problem[] {
  const { target, file } = build;
  const command = imageCommand(target);
  if (command === undefined || DEVELOPS.test(command.words.join(' ')) || removesGo(build)) return [];
  const { range } = command.step;
  const cost = 'hundreds of MB to push and to pull, and more to patch';
  if (/(?:^|[\s/])go\s+run\b/.test(command.words.join(' '))) {
    if (target.chain.at(-1)?.image?.isGolang !== true) return [];
    const message = 'The image runs its program by `go run`, so it carries the Go toolchain and compiles at each start';
    return [{ file, range, message, cost }];
  }
  const [found] = build.flows.flatMap(({ compile }) => {
    const word = isOwnProgram(build, compile) ? namedIn(build, compile, command.words) : undefined;
    return word === undefined ? [] : [{ compile, word }];
  });
  if (found === undefined || needsGo(build, found.compile)) return [];
  const { compile, word } = found;
  const fix = secondStageFix(build, compile, command);
  return [
    {
      file,
      range,
      message: `The image runs \`${word}\`, which its own stage compiles, so the Go toolchain and the sources are in it`,
      cost,
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

/** Stages and files for developers and for CI are meant to have Go. */
function isForDevelopment({ target, targetOrigin, file }: ImageBuild): boolean {
  const names = [target.name ?? '', ...posix.basename(file).split('.')].flatMap((name) => name.split(/[-_]/));
  const directories = posix.dirname(file).split('/');
  return (
    targetOrigin === 'leaf' ||
    names.some((name) => PURPOSES.has(name.toLowerCase())) ||
    directories.some((name) => /^(?:\.?devcontainer|dev|tests?|e2e|ci)$/.test(name))
  );
}

const PURPOSES: ReadonlySet<string> = new Set(
  'dev develop development devcontainer debug debugger test tests testing e2e integration ci lint tools tool local build builder base example examples'.split(
    ' ',
  ),
);
const DEVELOPS =
  /(?:^|[\s/])(?:air|reflex|CompileDaemon|dlv|gow|modd|fresh|nodemon|watchexec|realize|wgo)(?:\s|$)|\bgo\s+(?:test|build|tool|vet)\b/;

function removesGo(build: ImageBuild): boolean {
  return build.runs
    .filter(({ stage }) => build.target.chain.includes(stage))
    .some(({ commands }) =>
      commands.some(({ text }) =>
        /\bapk\s+del\b|\bapt(?:-get)?\b.*\b(?:remove|purge|autoremove)\b|\brm\s+.*\/usr\/(?:local|lib)\/go\b/.test(
          text,
        ),
      ),
    );
}

function isOwnProgram({ target }: ImageBuild, { run, command: { go } }: CommandInRun): boolean {
  if (!target.chain.includes(run.stage) || (go?.subcommand !== 'build' && go?.subcommand !== 'install')) return false;
  return !go.packages.some(({ text }) => text.includes('@'));
}

/** The word of the image's command that names what the compile wrote: by its path, or by its name in PATH or in the working directory. */
function namedIn(build: ImageBuild, compile: CommandInRun, command: readonly string[]): string | undefined {
  const outputs = outputsOf(build, compile);
  const directory = compile.command.go?.directory;
  return command.find((word) => {
    if (word === '' || word.startsWith('-')) return false;
    const path = posix.resolve(directory ?? '/', word);
    if (outputs.length === 0) return word.startsWith('./') && !word.endsWith('.sh') && !build.context.hasFile(word);
    return outputs.some((output) =>
      word.includes('/') ? path === output : posix.basename(output) === word || isNamed(output, path),
    );
  });
}

/** `-o bin` may be a directory that is there. */
function isNamed(output: string, path: string): boolean {
  return posix.dirname(path) === output;
}

/** Programs that load packages call the go command when they run. */
function needsGo(build: ImageBuild, { run, command }: CommandInRun): boolean {
  const programs = compiledPrograms(build, run, command, false);
  if (programs === undefined) return false;
  const { external } = reachPackages(build.repository.go, programs.mains, programs);
  return [...external.keys()].some((path) => path.startsWith('golang.org/x/tools/go/'));
}
