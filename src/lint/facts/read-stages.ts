import type { EvaluatedBuild } from '../../dockerfile/evaluate-build.ts';
import { isOfficialGolang } from './golang-image.ts';
import type { Stage } from '../../dockerfile/stage-graph.ts';
import type { BaseImageFacts, StageFacts } from './stage.ts';
import type { StepFacts } from './step.ts';

/** A stage whose steps are still to be filled in. */
export type OpenStage = StageFacts & { readonly steps: StepFacts[] };

/** The stages of a build, by the stages of the graph. */
export function readStages(build: EvaluatedBuild): ReadonlyMap<Stage, OpenStage> {
  const stages = new Map<Stage, OpenStage>();
  for (const stage of build.needed) {
    const { from } = stage;
    if (from === undefined) continue;
    const base = stage.base === undefined ? undefined : stages.get(stage.base);
    const chain: StageFacts[] = [];
    const platform = from.flags.find(({ value }) => value.startsWith('--platform='))?.value;
    const facts: OpenStage = {
      index: stage.index,
      name: stage.name,
      baseName: stage.baseName,
      base,
      chain,
      image: base === undefined ? readImage(stage, build) : base.image,
      from,
      range: from.range,
      isFinal: stage === build.target,
      platform: platform?.slice('--platform='.length),
      steps: [],
    };
    chain.push(facts, ...(base?.chain ?? []));
    stages.set(stage, facts);
  }
  return stages;
}

function readImage(stage: Stage, { isNamedContext }: EvaluatedBuild): BaseImageFacts | undefined {
  const reference = stage.baseName;
  if (reference === 'scratch' || stage.isReplaced || isNamedContext(reference)) return undefined;
  const [name = '', digest] = reference.split('@');
  const last = name.slice(name.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  const tag = colon < 0 ? undefined : last.slice(colon + 1);
  return {
    reference,
    name: colon < 0 ? last : last.slice(0, colon),
    tag,
    digest,
    isGolang: isOfficialGolang(reference),
    goVersion: isOfficialGolang(reference) ? /^1\.\d+(?:\.\d+|(?:rc|beta)\d+)?/.exec(tag ?? '')?.[0] : undefined,
    isUnknown: reference.includes('$'),
  };
}
