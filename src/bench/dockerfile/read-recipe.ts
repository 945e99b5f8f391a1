import { SlipwayError } from '../../core/errors.ts';
import { evaluateBuild, type EvaluatedBuild } from '../../dockerfile/evaluate-build.ts';
import { matchGoMounts } from '../../dockerfile/match-mounts.ts';
import { readBuildFacts } from '../../dockerfile/build-facts.ts';
import { parseDockerfileStrictly } from '../../dockerfile/parse.ts';
import type { InstructionNode, Word } from '../../dockerfile/tree.ts';
import type { BuildFacts } from '../../dockerfile/types.ts';

/** What the text edits of the strategies hold on to. */
export interface Recipe {
  readonly text: string;
  readonly facts: BuildFacts;
  /** The RUNs that compile, first to last. */
  readonly compiles: readonly InstructionNode[];
  /** FROM of the stage of the first of them. */
  readonly from: InstructionNode;
  readonly stageName: string | undefined;
  /** The stage's own base image, ARGs filled in. */
  readonly baseImage: string;
  /** Instructions of that stage above the first compile. */
  readonly above: readonly InstructionNode[];
  /** Flags of Go's cache mounts in the needed stages. */
  readonly mountFlags: readonly { readonly flag: Word; readonly kinds: ReadonlySet<string> }[];
}

const FILE_NAME = 'Dockerfile';

/** Reads a Dockerfile that builds a Go program. Throws INPUT_INVALID where no step of its own compiles one. */
export function readRecipe(text: string): Recipe {
  const options = { fileName: FILE_NAME, buildArgs: {} };
  const facts = readBuildFacts(text, options);
  const tree = parseDockerfileStrictly(text, FILE_NAME);
  const build = evaluateBuild(tree, options, new Map());
  const lines = new Set(facts.compiles.map(({ line }) => line));
  const steps = build.steps.filter(({ step }) => !step.isTrigger && lines.has(step.line));
  const [first] = steps;
  const from = first?.stage.from;
  const baseImage = first?.run?.state.baseImage;
  if (first === undefined || from === undefined || baseImage === undefined) {
    throw new SlipwayError('INPUT_INVALID', 'no step of the Dockerfile compiles a Go program on an image', {
      hint: 'Name the program by `--program`: then a Dockerfile is written for it.',
    });
  }
  return {
    text,
    facts,
    compiles: steps.map(({ step }) => step.node),
    from,
    stageName: first.stage.name,
    baseImage,
    above: build.steps
      .filter(({ stage, step }) => stage === first.stage && !step.isTrigger && step.line < first.step.line)
      .map(({ step }) => step.node),
    mountFlags: mountFlagsOf(build),
  };
}

function mountFlagsOf(build: EvaluatedBuild): Recipe['mountFlags'] {
  return build.runs.flatMap(({ facts }) => {
    if (facts.step.isTrigger) return [];
    const flags = facts.step.instruction.flags.filter(({ value }) => /^--mount=.*\btype=cache\b/.test(value));
    // The flags and what was read of them are in the same order.
    return flags.flatMap((flag, index) => {
      const mount = facts.cacheMounts[index];
      const kinds = matchGoMounts(facts).filter((one) => one.mount === mount);
      return kinds.length === 0 ? [] : [{ flag, kinds: new Set(kinds.map(({ kind }) => kind)) }];
    });
  });
}

export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with each range replaced; ranges don't overlap. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, edit) => `${rest.slice(0, edit.start)}${edit.text}${rest.slice(edit.end)}`, text);
}
