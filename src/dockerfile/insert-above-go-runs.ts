import { definedArguments } from './build-facts.ts';
import { evaluateBuild } from './evaluate-build.ts';
import { matchGoMounts } from './match-mounts.ts';
import { parseDockerfileStrictly } from './parse.ts';
import type { Node } from './tree.ts';
import type { FactsOptions } from './types.ts';

/**
 * The Dockerfile with these lines above each RUN of the build that mounts a Go cache; all else stays byte for byte.
 * Undefined where such a RUN comes from an ONBUILD, above which nothing can be written.
 */
export function insertAboveGoRuns(text: string, lines: readonly string[], options: FactsOptions): string | undefined {
  const tree = parseDockerfileStrictly(text, options.fileName);
  const { runs } = evaluateBuild(tree, options, definedArguments(options.buildArgs));
  const steps = runs.filter(({ facts }) => matchGoMounts(facts).length > 0).map(({ facts }) => facts.step);
  if (steps.some(({ isTrigger }) => isTrigger)) return undefined;
  const nodes = new Set<Node>(steps.map(({ node }) => node));
  const added = lines.map((line) => `${line}\n`).join('');
  const body = tree.nodes.map((node) => (nodes.has(node) ? `${added}${node.raw}` : node.raw)).join('');
  return tree.hasByteOrderMark ? `\ufeff${body}` : body;
}
