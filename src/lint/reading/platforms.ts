import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { isMentioned } from './variable-use.ts';

const TARGETS = new Set(['TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT', 'TARGETPAIR']);

/** Is an image built for more than one platform: a definition says so, or a compile of the stage is made for it (xx, TARGETARCH)? */
export function hasSeveralPlatforms(build: ImageBuild, stage: StageFacts): boolean {
  return isBuiltForSeveral(build) || build.runs.some((run) => run.stage.chain.includes(stage) && crossCompiles(run));
}

/** As the build definitions say. */
export function isBuiltForSeveral({ definitions }: Pick<ImageBuild, 'definitions'>): boolean {
  const all = definitions.flatMap(({ platforms }) => platforms ?? []);
  return new Set(all.map(({ text }) => text)).size > 1 || all.some(({ text }) => text.includes(','));
}

function crossCompiles({ commands, node, stage }: ImageBuild['runs'][number]): boolean {
  const compile = commands.find(({ go }) => go?.kind === 'compile');
  if (compile === undefined) return false;
  if (compile.program === 'xx-go' || isMentioned(node.raw, TARGETS)) return true;
  return stage.chain.some(({ steps }) =>
    steps.some((step) => step.kind === 'env' && isMentioned(step.node.raw, TARGETS)),
  );
}
