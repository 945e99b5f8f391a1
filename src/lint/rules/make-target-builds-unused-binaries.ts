import { packagesOf } from '../../golang/packages/list-packages.ts';
import { isWithin } from '../../golang/packages/tree-paths.ts';
import { STATIC_LINUX } from '../../golang/source/build-target.ts';
import { replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { RunStep } from '../facts/step.ts';
import { outputsOf } from '../reading/go-outputs.ts';
import { findMake } from '../reading/make-words.ts';
import { isTaken } from '../reading/stage-uses.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const makeTargetBuildsUnusedBinaries: BuildRule = {
  id: 'make-target-builds-unused-binaries',
  number: 26,
  subject: 'build',
  group: 'layers',
  severity: 'high',
  fix: 'unsafe',
  summary: 'a make target compiles programs that no later step takes',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

interface Output {
  readonly command: CommandFacts;
  readonly path: string;
  readonly isUsed: boolean;
}

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  if (run.isTrigger) return [];
  const groups = Map.groupBy(
    run.commands.filter(({ via, go }) => via[0]?.startsWith('make') === true && go?.kind === 'compile'),
    ({ via }) => via[0] ?? '',
  );
  return [...groups].flatMap(([make, commands]) => {
    const outputs = commands.flatMap((command) => readOutputs(build, run, command));
    const unused = outputs.filter(({ isUsed }) => !isUsed);
    // Without one that is taken, the way from the stage to the image isn't understood.
    if (unused.length === 0 || unused.length === outputs.length) return [];
    const names = unused.map(({ path }) => `\`${path}\``);
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    const fix = fixOf(build, run, { make, outputs });
    return [
      {
        file: build.file,
        range: findMake(run, make)?.range ?? run.node.keywordRange,
        message: `\`${make}\` compiles ${names.slice(0, 3).join(', ')}${more}, which nothing takes from this stage`,
        cost:
          unused.length === 1 ? 'a compile and a link for nothing' : `${unused.length} compiles and links for nothing`,
        ...(fix && { fix }),
      },
    ];
  });
}

function readOutputs(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Output[] {
  const paths = outputsOf(build, run, command) ?? [];
  return paths.map((path) => ({
    command,
    path,
    isUsed: isTaken(build, run, path) || isReadHere(run, command, path) || isEmbedded(build, run, path),
  }));
}

/** A later command of the same RUN names the file: `cp`, `strip`, `upx`. */
function isReadHere({ commands }: RunStep, command: CommandFacts, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const later = commands.slice(commands.indexOf(command) + 1);
  return later.some(
    ({ argv, go, isOpaque, program }) =>
      isOpaque ||
      (go === undefined && !IDLE.has(program) && argv.some((word) => word.includes(name) || /[*?]|\.$/.test(word))),
  );
}

const IDLE = new Set(['echo', 'printf', 'ls', 'chmod', 'file', 'test', '[']);

/** A program that another one embeds is a source of that one. */
function isEmbedded({ repository, module }: ImageBuild, run: RunStep, path: string): boolean {
  const place = repositoryPath(run.places, path);
  if (place === undefined || module === undefined) return false;
  const target = { ...STATIC_LINUX, isCgoEnabled: true };
  return packagesOf(repository.go, module, target).some(
    ({ embeds, directory }) => embeds.length > 0 && directory !== '' && isWithin(place, directory),
  );
}

/** The prerequisite that makes all that is used and nothing else. */
function fixOf(
  build: ImageBuild,
  run: RunStep,
  { make, outputs }: { readonly make: string; readonly outputs: readonly Output[] },
): Fix | undefined {
  const found = findMake(run, make);
  const used = outputs.filter(({ isUsed }) => isUsed);
  const target = used[0]?.command.via
    .slice(1)
    .find((name) => outputs.every(({ command, isUsed }) => command.via.slice(1).includes(name) === isUsed));
  if (found === undefined || target === undefined || !/^[\w./-]+$/.test(target)) return undefined;
  return {
    isSafe: false,
    title: `Call the target \`${target}\``,
    edits: [replace(build.file, found.targets, `${found.targets.start === found.targets.end ? ' ' : ''}${target}`)],
  };
}
