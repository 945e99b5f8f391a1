import type { BuildInvocation } from '../../definitions/types.ts';
import type { Workflow } from '../../definitions/workflow/types.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RepositoryFacts } from '../facts/repository.ts';

/** The Dockerfile that an invocation builds, for its target; undefined when it isn't known or isn't linted. */
export function buildOf(repository: RepositoryFacts, invocation: BuildInvocation): ImageBuild | undefined {
  if (invocation.dockerfile === undefined) return undefined;
  return repository.builds.find(
    ({ file, definitions }) => file === invocation.dockerfile && definitions.includes(invocation),
  );
}

/** The workflow whose job runs the build. */
export function workflowOf(repository: RepositoryFacts, { job }: BuildInvocation): Workflow | undefined {
  return job === undefined ? undefined : repository.workflows.find(({ path }) => path === job.file);
}

/** Builds that a CI job runs. */
export function isInJob(invocation: BuildInvocation): boolean {
  return invocation.job !== undefined || invocation.kind === 'gitlab';
}

/** The program and what it compiles is Go's: other Dockerfiles aren't looked at. */
export function compilesGo(build: ImageBuild | undefined): build is ImageBuild {
  return build !== undefined && build.flows.length > 0;
}

/** A RUN whose layers only `mode=max` exports: in a stage that the image isn't made of. */
export function isOutsideImage(build: ImageBuild, stage: ImageBuild['target']): boolean {
  return !build.target.chain.includes(stage);
}
