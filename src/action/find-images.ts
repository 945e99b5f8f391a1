import type { FileTree } from '../core/file-tree.ts';
import { definitionTree } from '../definitions/definition-tree.ts';
import type { BuildInvocation } from '../definitions/types.ts';
import { isActionPath, isWorkflowPath, readWorkflow } from '../definitions/workflow/read-workflow.ts';
import { workflowBuilds } from '../definitions/workflow/workflow-builds.ts';
import type { ImageInput } from './inputs.ts';
import type { Environment } from './runner.ts';

/**
 * The builds of the job that this step stands in, as its workflow says them: by docker/build-push-action, bake-action, or
 * commands of scripts. None where the workflow can't be found, or says nothing that is known before the job runs: what the row
 * of a matrix decides isn't, since a step is not told its row.
 */
export function findImages(files: FileTree, env: Environment): readonly ImageInput[] {
  const path = /^[^/]+\/[^/]+\/(.+?)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '')?.[1];
  if (path === undefined || !files.hasFile(path)) return [];
  const tree = definitionTree(files);
  const workflows = tree.paths
    .filter((each) => isWorkflowPath(each) || isActionPath(each))
    .map((each) => readWorkflow(each, tree.read(each) ?? ''));
  const images = workflowBuilds(tree, workflows)
    .filter(({ job }) => job?.file === path && job.jobId === env['GITHUB_JOB'])
    .flatMap((build) => toImage(build, tree) ?? []);
  return [...new Map(images.map((image) => [JSON.stringify(image), image])).values()];
}

function toImage(build: BuildInvocation, tree: FileTree): ImageInput | undefined {
  const { context, dockerfile, target, platforms = [], buildArgs, dependsOnMatrix, isOpen } = build;
  if (context === undefined || dockerfile === undefined || dependsOnMatrix || isOpen) return undefined;
  if (!tree.hasFile(dockerfile) || (target !== undefined && target.certainty !== 'known')) return undefined;
  const isKnown = platforms.every(({ certainty }) => certainty === 'known');
  return {
    context: context === '' ? '.' : context,
    file: dockerfile,
    target: target?.text === '' ? undefined : target?.text,
    platforms: isKnown ? platforms.map(({ text }) => text) : [],
    // What changes from run to run decides no mount that could be found again.
    buildArgs: buildArgs.flatMap(({ name, value }) => (value?.certainty === 'known' ? [`${name}=${value.text}`] : [])),
    buildContexts: [],
  };
}
