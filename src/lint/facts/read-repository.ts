import { isSlipwayError, SlipwayError } from '../../core/errors.ts';
import type { FileTree } from '../../core/file-tree.ts';
import { detectSyntax } from '../../dockerfile/directives.ts';
import { isDockerfileFrontend } from '../../dockerfile/frontend.ts';
import { parseDockerfileStrictly, problemError } from '../../dockerfile/parse.ts';
import { LocatedError } from '../../dockerfile/stage-graph.ts';
import type { DockerfileTree } from '../../dockerfile/tree.ts';
import { readDefinitions, type Definitions } from '../../definitions/read-definitions.ts';
import type { BuildInvocation, DefinitionProblem } from '../../definitions/types.ts';
import { readGoRepository } from '../../golang/packages/read-repository.ts';
import type { ImageBuild } from './image-build.ts';
import { readImageBuild } from './read-image-build.ts';
import type { RepositoryFacts } from './repository.ts';

export interface RepositoryReading {
  /** The Dockerfiles to look at, as paths of the tree. */
  readonly dockerfiles: readonly string[];
  /** `--target`; default: the last stage, what definitions name, and stages that nothing uses. */
  readonly target?: string;
  readonly buildArgs?: ReadonlyMap<string, string>;
  /** The build context as a path of the tree; default: as definitions say, else inferred. */
  readonly context?: string;
  /** False when the tree holds only the text at hand. */
  readonly hasFiles?: boolean;
}

/** Facts of everything that is to be linted. What can't be read is in `faults`: DOCKERFILE_INVALID with `file:line`, TARGET_UNKNOWN. */
export function readRepositoryFacts(
  files: FileTree,
  reading: RepositoryReading,
  earlier?: EarlierFacts,
): RepositoryFacts {
  const builds: ImageBuild[] = [];
  const faults: SlipwayError[] = [];
  const kept = earlier !== undefined && onlyDockerfiles(earlier.changed, reading) ? earlier : undefined;
  const { invocations, workflows, problems } = kept === undefined ? readDefinitions(files) : definitionsOf(kept.facts);
  const repository: RepositoryFacts = {
    tree: files,
    builds,
    definitions: invocations,
    workflows,
    definitionProblems: kept === undefined ? [...problems, ...otherFrontends(files, reading)] : problems,
    go: earlier?.facts.go ?? readGoRepository(files),
    faults,
  };
  for (const file of reading.dockerfiles) {
    const same = kept?.changed.has(file) === false ? kept.facts.builds.filter((build) => build.file === file) : [];
    if (same.length > 0) {
      builds.push(...same);
      continue;
    }
    try {
      builds.push(...readBuilds(repository, file, reading));
    } catch (error) {
      if (!isSlipwayError(error)) throw error;
      faults.push(error);
    }
  }
  return repository;
}

/** Dockerfiles that are none, as far as their `# syntax=` says: nothing is said of them but that. */
function otherFrontends(files: FileTree, reading: RepositoryReading): readonly DefinitionProblem[] {
  return reading.dockerfiles
    .filter((file) => isOtherFrontend(files.read(file) ?? '', reading))
    .map((file) => ({ file, line: 1, column: 1, message: 'its frontend is not docker/dockerfile' }));
}

function definitionsOf({ definitions, workflows, definitionProblems }: RepositoryFacts): Definitions {
  return { invocations: definitions, workflows, problems: definitionProblems };
}

/** Facts of the tree before some of its files got another text: what can't have changed is taken over. Fixes change no Go file. */
export interface EarlierFacts {
  readonly facts: RepositoryFacts;
  readonly changed: ReadonlySet<string>;
}

/** Ignore files, Makefiles and definitions may matter to every build. */
function onlyDockerfiles(changed: ReadonlySet<string>, { dockerfiles }: RepositoryReading): boolean {
  return [...changed].every((file) => dockerfiles.includes(file));
}

/** `# syntax=` of another language: BuildKit hands the file to that frontend. */
function isOtherFrontend(text: string, { buildArgs }: RepositoryReading): boolean {
  return !isDockerfileFrontend(buildArgs?.get('BUILDKIT_SYNTAX')?.trim().split(' ', 1)[0] ?? detectSyntax(text));
}

/** Ten times what anybody writes. Rules compare commands with each other, so that more would take minutes. */
const MOST = 2000;

function refuseEndless(file: string, count: number, what: 'instructions' | 'commands'): void {
  if (count <= MOST) return;
  const hint = 'Leave the file out by `lint: ignore:` in .slipway.yaml.';
  throw problemError({ line: 1, message: `there are ${count} ${what}, and lint reads ${MOST}`, hint }, file);
}

function readBuilds(repository: RepositoryFacts, file: string, reading: RepositoryReading): readonly ImageBuild[] {
  const text = repository.tree.read(file);
  if (text === undefined) {
    throw new SlipwayError('DOCKERFILE_INVALID', `\`${file}\` can't be read as text`, {
      hint: 'Name a Dockerfile.',
      location: `${file}:1`,
    });
  }
  if (isOtherFrontend(text, reading)) return [];
  const tree = parseDockerfileStrictly(text, file);
  refuseEndless(file, tree.instructions.length, 'instructions');
  const definitions = repository.definitions.filter((definition) => definition.dockerfile === file);
  const last = lastStage(tree);
  try {
    return targetsOf(tree, definitions, reading.target).flatMap(({ target, targetOrigin }) => {
      const build = readImageBuild({
        files: repository.tree,
        file,
        text,
        tree,
        target,
        targetOrigin,
        buildArgs: reading.buildArgs ?? new Map(),
        definitions: definitions.filter((definition) => isFor(definition, target ?? '', last)),
        hasFiles: reading.hasFiles ?? true,
        context: reading.context,
        repository,
      });
      if (build === undefined) return [];
      const commands = build.runs.reduce((sum, run) => sum + run.commands.length, 0);
      refuseEndless(file, commands, 'commands');
      return [build];
    });
  } catch (error) {
    if (!(error instanceof LocatedError)) throw error;
    throw problemError({ line: error.line, message: error.message, hint: 'Correct the line.' }, file);
  }
}

/** Does a definition build a target, '' being the last stage? One whose target isn't known may build any. */
function isFor({ target }: BuildInvocation, wanted: string, last: string): boolean {
  if (target !== undefined && target.certainty !== 'known') return true;
  const name = target?.text.toLowerCase() ?? '';
  return name === wanted.toLowerCase() || (wanted === '' && name === last);
}

/** The last stage's name, '' without one. */
function lastStage(tree: DockerfileTree): string {
  return tree.instructions.findLast(({ name }) => name === 'from')?.args[2]?.toLowerCase() ?? '';
}

type Target = Pick<ImageBuild, 'targetOrigin'> & { readonly target: string | undefined };

function targetsOf(
  tree: DockerfileTree,
  definitions: readonly BuildInvocation[],
  wanted: string | undefined,
): readonly Target[] {
  if (wanted !== undefined) return [{ target: wanted, targetOrigin: 'named' }];
  const named = definitions.flatMap(({ target }) =>
    target === undefined || target.certainty !== 'known' ? [] : [target.text.toLowerCase()],
  );
  const targets: Target[] = [{ target: undefined, targetOrigin: 'default' }];
  const names = stageNames(tree);
  for (const target of new Set(named))
    if (target !== lastStage(tree) && names.has(target)) targets.push({ target, targetOrigin: 'named' });
  for (const [target, isUsed] of names) {
    if (!isUsed && !named.includes(target)) targets.push({ target, targetOrigin: 'leaf' });
  }
  return targets;
}

/** Names of stages and whether a later line names them; the last stage is left out, as it is the default. */
function stageNames(tree: DockerfileTree): ReadonlyMap<string, boolean> {
  const names = new Map<string, boolean>();
  const froms = tree.instructions.filter((node) => node.name === 'from');
  for (const node of froms.slice(0, -1)) if (node.args[2] !== undefined) names.set(node.args[2].toLowerCase(), false);
  for (const node of tree.instructions) {
    const used = [
      ...(node.name === 'from' ? node.args.slice(0, 1) : []),
      ...node.flags.flatMap(({ value }) =>
        [...value.matchAll(/\bfrom=(?<name>[^,\s]+)/g)].map((match) => match.groups?.['name'] ?? ''),
      ),
    ];
    for (const name of used) if (names.has(name.toLowerCase())) names.set(name.toLowerCase(), true);
    for (const index of used) {
      const numbered = /^\d+$/.test(index) ? froms[Number(index)]?.args[2]?.toLowerCase() : undefined;
      if (numbered !== undefined && names.has(numbered)) names.set(numbered, true);
    }
  }
  return names;
}
