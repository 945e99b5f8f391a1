import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';

/** Is a stage part of an image that the Dockerfile is built for, by this target or another one? */
export function isInImage(build: ImageBuild, stage: StageFacts): boolean {
  return buildsOfFile(build).some(({ target }) =>
    target.chain.some((each) => each.range.start === stage.range.start || isCopiedWhole(each, stage)),
  );
}

/** The builds of the same Dockerfile, this one and those for other targets. */
export function buildsOfFile(build: ImageBuild): readonly ImageBuild[] {
  const { builds } = build.repository;
  return builds.includes(build) ? builds.filter(({ file }) => file === build.file) : [build];
}

/**
 * May containers of an image that the stage is part of run Go, so that they miss the modules that are not in it? Without a
 * command of its own, the image is one of tools; but not a stage that nothing uses, such as one of tests.
 */
export function mayRunGoLater(build: ImageBuild, stage: StageFacts): boolean {
  return buildsOfFile(build).some(({ target, targetOrigin }) => {
    if (!target.chain.some((each) => each.range.start === stage.range.start)) return false;
    const last = target.chain
      .toReversed()
      .flatMap(({ steps }) => steps)
      .filter(({ node }) => node.name === 'cmd' || node.name === 'entrypoint');
    if (last.length === 0) return targetOrigin !== 'leaf';
    return last.some(({ node }) => GO_RUNNERS.test(node.args.join(' ')));
  });
}

/** Go, and the shells, runners and watchers that call it. */
const GO_RUNNERS =
  /(?:^|[\s/;&|])(?:go|sh|bash|ash|make|task|just|mage|air|dlv|reflex|gow|modd|realize|fresh|CompileDaemon|gotestsum|ginkgo|tilt)(?:$|[\s;&|])|\.sh\b/;

/** `COPY --from=build / /` */
function isCopiedWhole({ steps }: StageFacts, stage: StageFacts): boolean {
  return steps.some(
    (step) =>
      step.kind === 'copy' &&
      step.fromStage?.chain.some((each) => each.range.start === stage.range.start) === true &&
      step.sources.some(({ value }) => /^\/+\.?$/.test(value)),
  );
}
