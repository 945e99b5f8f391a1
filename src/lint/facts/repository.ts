import type { FileTree } from '../../core/file-tree.ts';
import type { BuildInvocation } from '../../definitions/types.ts';
import type { GoRepository } from '../../golang/packages/types.ts';
import type { ImageBuild } from './image-build.ts';

export interface RepositoryFacts {
  readonly tree: FileTree;
  /** Every Dockerfile that is to be linted, once for each target. */
  readonly builds: readonly ImageBuild[];
  /** Everything in the repository that builds an image. */
  readonly definitions: readonly BuildInvocation[];
  readonly go: GoRepository;
}
