import { normalizePlatform, formatFullPlatform, parsePlatform } from '../dockerfile/platform.ts';
import type { BuilderNode } from './builder-facts.ts';
import type { Engine } from './types.ts';

/**
 * The nodes of the builder that a build for these platforms runs on, each named by one of the platforms that buildx hands to
 * it; undefined stands for the only node there is, or the first, which gets a build that names no platform.
 */
export async function findNodes(
  engine: Engine,
  platforms: readonly string[],
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  if (engine.kind !== 'buildx' || platforms.length === 0) return [undefined];
  let { nodes } = await engine.inspect({ signal });
  if (nodes.length < 2) return [undefined];
  // Only a node that runs says what it can build; the build would start it anyway.
  if (nodes.some(({ status }) => status !== 'running')) ({ nodes } = await engine.inspect({ signal, isStarted: true }));
  return planNodes(platforms, nodes);
}

/**
 * The first platform of each node's share. buildx looks at the platforms that nodes were given when they were made; where
 * that doesn't settle every platform, at those that they can build too, and else takes the first node.
 * Source: github.com/docker/buildx/blob/v0.38.2/build/resolver/driver.go
 */
export function planNodes(platforms: readonly string[], nodes: readonly BuilderNode[]): readonly string[] {
  const wanted = platforms.map(normalize);
  const given = wanted.map((platform) =>
    nodes.findIndex(({ givenPlatforms }) => givenPlatforms.map(normalize).includes(platform)),
  );
  const indexes = given.includes(-1)
    ? wanted.map((platform) =>
        Math.max(
          0,
          nodes.findIndex((node) => canBuild(node, platform)),
        ),
      )
    : given;
  return platforms.filter((_, index) => indexes.indexOf(indexes[index] ?? 0) === index);
}

function canBuild({ givenPlatforms, platforms }: BuilderNode, platform: string): boolean {
  return [...givenPlatforms, ...platforms].map(normalize).includes(platform);
}

function normalize(text: string): string {
  const platform = parsePlatform(text);
  return platform === undefined ? text : formatFullPlatform(normalizePlatform(platform));
}
