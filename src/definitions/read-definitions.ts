import type { FileTree } from '../core/file-tree.ts';
import { BAKE_FILES, isBakePath, readBakeFile } from './bake/bake-file.ts';
import { looseBakeBuilds } from './bake/bake-builds.ts';
import { findMakefile, isMakefilePath } from './commands/make-recipes.ts';
import { asWritten, readMakeBuilds, readScriptBuilds, type ScriptSource, wholeText } from './commands/read-script.ts';
import { composeBuilds, isComposePath } from './compose/read-compose.ts';
import { definitionTree, type DefinitionTree } from './definition-tree.ts';
import { gitlabBuilds, isGitlabPath } from './gitlab/read-gitlab.ts';
import { unplaced } from './invocation.ts';
import { isSkaffoldPath, skaffoldBuilds } from './skaffold/read-skaffold.ts';
import type { BuildInvocation, DefinitionKind, DefinitionProblem } from './types.ts';
import { directoryOf } from '../core/file-tree.ts';
import { dockerActionBuild } from './workflow/docker-action.ts';
import { isActionPath, isWorkflowPath, readWorkflow } from './workflow/read-workflow.ts';
import type { Workflow } from './workflow/types.ts';
import { workflowBuilds } from './workflow/workflow-builds.ts';
import { readYaml, type YamlFile } from './yaml/read-yaml.ts';

/** All that a repository says of how its images are built. */
export interface Definitions {
  readonly invocations: readonly BuildInvocation[];
  /** Workflows and composite actions, malformed ones without content. */
  readonly workflows: readonly Workflow[];
  /** Files that can't be read, with the place of the error. Nothing of them is in `invocations`. */
  readonly problems: readonly DefinitionProblem[];
}

/** Reads workflows, bake, Compose, skaffold and GitLab files, Makefiles and shell scripts of a repository. */
export function readDefinitions(files: FileTree): Definitions {
  const tree = definitionTree(files);
  const workflows = tree.paths
    .filter((path) => isWorkflowPath(path) || isActionPath(path))
    .map((path) => readWorkflow(path, tree.read(path) ?? ''));
  const yaml = (isPath: (path: string) => boolean): readonly YamlFile[] =>
    tree.paths.filter(isPath).map((path) => readYaml(path, tree.read(path) ?? ''));
  const compose = yaml(isComposePath);
  const skaffold = yaml(isSkaffoldPath);
  const gitlab = yaml(isGitlabPath);
  const bake = bakeReads(tree);
  return {
    workflows,
    invocations: [
      ...workflowBuilds(tree, workflows),
      ...workflows.flatMap((workflow) => dockerActionBuild(workflow) ?? []),
      ...bake.invocations,
      ...compose.flatMap((file) => composeBuilds(file, unplaced(file.path, 'compose'))),
      ...skaffold.flatMap((file) => skaffoldBuilds(file, unplaced(file.path, 'skaffold'))),
      ...gitlab.flatMap((file) => gitlabBuilds(tree, file)),
      ...makefileBuilds(tree),
      ...scriptBuilds(tree),
    ],
    problems: [
      ...[...workflows.map(({ file }) => file), ...compose, ...skaffold, ...gitlab].flatMap(({ problems }) => problems),
      ...bake.problems,
    ],
  };
}

/** The files that bake would read together by itself, and each other one on its own. */
function bakeReads(tree: FileTree): Pick<Definitions, 'invocations' | 'problems'> {
  const paths = tree.paths.filter(isBakePath);
  const byDirectory = Map.groupBy(paths, directoryOf);
  const invocations: BuildInvocation[] = [];
  for (const [directory, inside] of byDirectory) {
    const together = BAKE_FILES.map((name) => (directory === '' ? name : `${directory}/${name}`)).filter((path) =>
      inside.includes(path),
    );
    const groups = [together, ...inside.filter((path) => !together.includes(path)).map((path) => [path])];
    for (const group of groups) {
      const [first] = group;
      if (first !== undefined) invocations.push(...looseBakeBuilds(tree, directory, group, unplaced(first, 'bake')));
    }
  }
  return { invocations, problems: paths.flatMap((path) => readBakeFile(tree, path).problems) };
}

/** `.mk` files are read through the Makefile that includes them, or alone where none does. */
function makefileBuilds(tree: DefinitionTree): readonly BuildInvocation[] {
  const main = new Set<string>();
  for (const directory of new Set(tree.paths.filter(isMakefilePath).map(directoryOf))) {
    const path = findMakefile(tree, directory);
    if (path !== undefined) main.add(path);
  }
  return [...main].flatMap((path) => readMakeBuilds(looseScript(tree, path, 'makefile'), path));
}

function scriptBuilds(tree: DefinitionTree): readonly BuildInvocation[] {
  return tree.paths
    .filter((path) => /\.(?:sh|bash)$/.test(path))
    .flatMap((path) => {
      const text = tree.read(path) ?? '';
      if (!/\b(?:docker|buildx|buildctl|nerdctl|bake)\b/.test(text)) return [];
      // A script is mostly run from the root of its repository.
      return readScriptBuilds({
        ...looseScript(tree, path, 'script'),
        directory: '',
        ownDirectory: directoryOf(path),
        placed: wholeText(text),
      });
    });
}

function looseScript(tree: DefinitionTree, path: string, kind: DefinitionKind): ScriptSource {
  return {
    tree,
    placed: wholeText(''),
    place: unplaced(path, kind),
    label: `\`${path}\``,
    directory: directoryOf(path),
    followsCalls: false,
    variables: new Map(),
    template: asWritten,
    isMakefile: kind === 'makefile',
  };
}
