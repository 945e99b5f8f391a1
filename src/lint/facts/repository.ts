import type { FileTree } from '../../core/file-tree.ts';
import type { BuildDefinition } from './build-definition.ts';
import type { ImageBuild } from './image-build.ts';

export interface RepositoryFacts {
  readonly tree: FileTree;
  /** Every Dockerfile that is to be linted, once for each target. */
  readonly builds: readonly ImageBuild[];
  readonly definitions: readonly BuildDefinition[];
}
