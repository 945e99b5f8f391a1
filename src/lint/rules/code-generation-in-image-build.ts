import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { generatorName } from '../reading/generators.ts';
import { isToolInstall } from '../reading/fetches.ts';
import { findMake } from '../reading/make-words.ts';
import type { BuildRule, Problem } from '../types.ts';

export const codeGenerationInImageBuild: BuildRule = {
  id: 'code-generation-in-image-build',
  number: 27,
  subject: 'build',
  group: 'layers',
  severity: 'medium',
  fix: 'none',
  summary: 'a make target generates code, lints or tests before it compiles the program',
  check: (build) => build.runs.flatMap((run) => (run.isTrigger ? [] : checkRun(build, run))),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const groups = Map.groupBy(
    run.commands.filter(({ via }) => via[0]?.startsWith('make') === true),
    ({ via }) => via[0] ?? '',
  );
  return [...groups].flatMap(([make, commands]) => {
    if (isAskedFor(make)) return [];
    const last = commands.findLastIndex((command) => isProgram(command));
    const names = commands.slice(0, Math.max(last, 0)).flatMap((command) => generatorName(command) ?? []);
    const all = [...new Set(names)];
    // Formatting alone is cheap, and rewrites nothing that is formatted.
    if (all.every((name) => /fmt$|^goimports$/.test(name))) return [];
    const list = all.map((name) => `\`${name}\``).join(', ');
    return [
      {
        file: build.file,
        range: findMake(run, make)?.range ?? run.node.keywordRange,
        message: `\`${make}\` runs ${list} before it compiles, in each image build: that loads and compiles more than the program, and what it writes is new to the compile`,
        cost: 'tools compiled, and packages checked or written anew, after every edit',
      },
    ];
  });
}

/** `make generate build`, `make test`: somebody wants it in this image. */
function isAskedFor(make: string): boolean {
  return make
    .split(' ')
    .slice(1)
    .some((target) => /(?:^|[-_./])(?:gen|test|lint|vet|manifest|check|proto|mock|verify|ci(?![a-z]))/i.test(target));
}

/** The compile of a program of the repository. */
function isProgram(command: CommandFacts): boolean {
  const { go } = command;
  return (go?.subcommand === 'build' || go?.subcommand === 'install') && !isToolInstall(command);
}
