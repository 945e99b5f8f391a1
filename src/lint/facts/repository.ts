import type { SlipwayError } from '../../core/errors.ts';
import type { FileTree } from '../../core/file-tree.ts';
import type { BuildInvocation, DefinitionProblem } from '../../definitions/types.ts';
import type { Workflow } from '../../definitions/workflow/types.ts';
import type { GoRepository } from '../../golang/packages/types.ts';
import type { ImageBuild } from './image-build.ts';

export interface RepositoryFacts {
  readonly tree: FileTree;
  /** Every Dockerfile that is to be linted, once for each target. */
  readonly builds: readonly ImageBuild[];
  /** Everything in the repository that builds an image. */
  readonly definitions: readonly BuildInvocation[];
  /** GitHub workflows and composite actions; malformed ones without content. */
  readonly workflows: readonly Workflow[];
  /** Definition files that can't be read, and Dockerfiles in the language of another frontend. */
  readonly definitionProblems: readonly DefinitionProblem[];
  readonly go: GoRepository;
  /** Dockerfiles that can't be read, as the errors that a command ends with. They have no build. */
  readonly faults: readonly SlipwayError[];
}
