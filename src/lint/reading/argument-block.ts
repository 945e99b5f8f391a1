import { readArgument } from '../../dockerfile/build-arguments.ts';
import type { Range } from '../../dockerfile/tree.ts';
import { moveBefore } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';
import type { Edit } from '../types.ts';
import { isMentioned, mayUse } from './variable-use.ts';

/** Arguments with the ENV, ARG and LABEL lines made of them, up to the first step that needs one. */
export interface ArgumentBlock {
  readonly steps: readonly StepFacts[];
  readonly names: ReadonlySet<string>;
  /** What stands before the first use and isn't part of the block. */
  readonly unaffected: readonly StepFacts[];
  readonly firstUse: StepFacts | undefined;
}

export interface BlockQuestion {
  readonly build: ImageBuild;
  /** The arguments that matter; others of the same line aren't looked at. */
  readonly isWanted: (name: string) => boolean;
}

/** Follows the values of ARG lines down a list of steps that starts with the first of them. */
export function readArgumentBlock(steps: readonly StepFacts[], { build, isWanted }: BlockQuestion): ArgumentBlock {
  const { tree } = build.repository;
  const names = new Set<string>();
  const block: StepFacts[] = [];
  const unaffected: StepFacts[] = [];
  for (const step of steps) {
    const isDeclaring = step.kind === 'arg' && step.declares.some(({ name }) => isWanted(name));
    const isMade = isSetting(step) && isMentioned(step.node.raw, names);
    if (isDeclaring || isMade) {
      block.push(step);
      for (const name of takenNames(step, { names, isWanted })) names.add(name);
    } else if (names.size > 0 && mayUse(step, { names, tree })) {
      return { steps: block, names, unaffected, firstUse: step };
    } else unaffected.push(step);
  }
  return { steps: block, names, unaffected, firstUse: undefined };
}

interface Taking {
  readonly names: ReadonlySet<string>;
  readonly isWanted: (name: string) => boolean;
}

/** The names of a line that hold the value: those declared for it, and those made of it. */
function takenNames({ kind, node }: StepFacts, { names, isWanted }: Taking): readonly string[] {
  if (kind === 'arg') {
    const declared = node.args.map((arg) => readArgument(arg));
    return declared
      .filter(({ name, value = '' }) => isWanted(name) || names.has(name) || isMentioned(value, names))
      .map(({ name }) => name);
  }
  if (kind !== 'env') return [];
  return node.args.filter((_, index) => index % 3 === 0 && isMentioned(node.args[index + 1] ?? '', names));
}

/**
 * The edit that moves a block down to its first use, or to just behind `last` where there is none; undefined when that isn't behind `last`,
 * or when a line between sets the same names, so that the order counts.
 */
export function moveBlock(build: ImageBuild, block: ArgumentBlock, last: RunStep): Edit | undefined {
  const { steps, unaffected, firstUse } = block;
  const { stage } = last;
  if (steps.some((step) => step.stage !== stage || step.isTrigger)) return undefined;
  // A line with more than the wanted names moves as a whole, so all of them must be unused.
  const names = new Set(steps.flatMap((step) => [...keysOf(step)]));
  const { tree } = build.repository;
  const below = unaffected.filter((step) => step.stage === stage && step.index > (steps[0]?.index ?? 0));
  const between = below.filter((step) => step.index <= last.index);
  if (between.some((step) => mayUse(step, { names, tree }))) return undefined;
  const place = firstUse?.stage === stage ? firstUse : behind(build, last, steps);
  if (place === undefined) return undefined;
  const passed = below.filter((step) => step.range.start < place.range.start);
  if (passed.some((step) => [...keysOf(step)].some((key) => names.has(key)))) return undefined;
  return moveBefore(
    build,
    steps.filter(({ range }) => range.start < place.range.start),
    place,
  );
}

/** The next step that doesn't move itself, or the next stage. */
function behind(build: ImageBuild, last: RunStep, moved: readonly StepFacts[]): { readonly range: Range } | undefined {
  const next = last.stage.steps.find((step) => step.index > last.index && !moved.includes(step));
  if (next !== undefined) return next;
  return build.tree.instructions.find(({ name, range }) => name === 'from' && range.start > last.range.start);
}

function isSetting({ kind, node }: StepFacts): boolean {
  return kind === 'env' || kind === 'arg' || node.name === 'label';
}

function keysOf(step: StepFacts): readonly string[] {
  if (step.kind === 'arg' || step.kind === 'env') return step.declares.map(({ name }) => name);
  return step.node.name === 'label'
    ? step.node.args.filter((_, index) => index % 3 === 0).map((key) => `label ${key}`)
    : [];
}
