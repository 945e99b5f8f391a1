import type { Range } from '../dockerfile/tree.ts';
import type { CommandFacts, CommandWord } from './facts/command.ts';
import type { MountFacts } from './facts/mount.ts';
import type { RunStep, StepFacts } from './facts/step.ts';
import type { ImageBuild } from './facts/image-build.ts';
import type { Edit } from './types.ts';

/** Puts other text in the place of a range; `''` removes it. */
export function replace(file: string, range: Range, text: string): Edit {
  return { kind: 'replace', file, range, text };
}

/** `mount` is what stands behind `--mount=`: `type=cache,target=/root/.cache/go-build`. */
export function addMount(build: ImageBuild, run: RunStep, mount: string): Edit {
  return { kind: 'add-mount', file: build.file, at: run.range.start, mount };
}

export function removeMount(build: ImageBuild, mount: MountFacts): Edit {
  return { kind: 'remove-flag', file: build.file, range: mount.range };
}

/** Nothing for a word that has no place of its own: then there is no fix. */
export function removeWords(command: CommandFacts, words: readonly CommandWord[]): readonly Edit[] | undefined {
  const edits = words.flatMap(({ range }): readonly Edit[] =>
    range === undefined ? [] : [{ kind: 'remove-word', file: command.file, range }],
  );
  return edits.length === words.length && edits.length > 0 ? edits : undefined;
}

/** Only for a command of the RUN itself, not of a make target. */
export function removeCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Edit[] | undefined {
  const { range } = command;
  if (range === undefined || command.file !== build.file) return undefined;
  return [{ kind: 'remove-command', file: build.file, at: run.range.start, range }];
}

export function removeStep(build: ImageBuild, step: StepFacts): Edit {
  return { kind: 'remove-instruction', file: build.file, at: step.range.start };
}

/** Lines without line ends. */
export function insertBefore(build: ImageBuild, step: Pick<StepFacts, 'range'>, lines: readonly string[]): Edit {
  return { kind: 'insert-before', file: build.file, at: step.range.start, lines };
}

export function insertAfter(build: ImageBuild, step: Pick<StepFacts, 'range'>, lines: readonly string[]): Edit {
  return { kind: 'insert-after', file: build.file, at: step.range.start, lines };
}

/** Moves whole instructions to just before `step`. */
export function moveBefore(build: ImageBuild, steps: readonly StepFacts[], step: Pick<StepFacts, 'range'>): Edit {
  return {
    kind: 'move-before',
    file: build.file,
    instructions: steps.map(({ range }) => range.start),
    at: step.range.start,
  };
}
