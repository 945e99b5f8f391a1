import type { Range } from '../dockerfile/tree.ts';
import { planCommandRemoval } from '../shell/command-edits.ts';
import type { ShellWord } from '../shell/types.ts';
import type { CommandFacts } from './facts/command.ts';
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

/** Takes words out of a command; undefined when one of them has no place of its own, so that there is no fix. */
export function removeWords(command: CommandFacts, words: readonly ShellWord[]): readonly Edit[] | undefined {
  if (words.length === 0 || words.some(({ isExact }) => !isExact)) return undefined;
  return words.map(({ range }) => ({ kind: 'remove-word', file: command.file, range }));
}

/**
 * Takes a command out of a RUN as if it had succeeded, with the operator that joins it; the whole RUN when it is all it
 * does. undefined where that can't be done, and for the commands of make targets.
 */
export function removeCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Edit[] | undefined {
  if (command.file !== build.file || run.isTrigger) return undefined;
  const removal = planCommandRemoval(command, build.text);
  if (removal.kind === 'none') return undefined;
  if (removal.kind === 'whole-script') return [removeStep(build, run)];
  return removal.edits.map(({ range, text }) => replace(build.file, range, text));
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
