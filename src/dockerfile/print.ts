import type { DockerfileTree } from './tree.ts';

/** The text of a tree, byte for byte what was parsed. */
export function printDockerfile(tree: DockerfileTree): string {
  const body = tree.nodes.map((node) => node.raw).join('');
  return tree.hasByteOrderMark ? `\ufeff${body}` : body;
}
