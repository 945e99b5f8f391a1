import { buildReferences } from './cache-references.ts';
import type { Choices } from './choose.ts';
import { hasModuleLayer } from './manifests.ts';

/** docker-bake.hcl with one target. */
export function writeBakeFile(choices: Choices): string {
  const { scope, usesVersion, needsNetrc, needsSsh } = buildReferences(choices);
  const { platforms, imageName } = choices;
  const variables = [
    'variable "IMAGE" {',
    `  default = ${JSON.stringify(imageName)}`,
    '}',
    '',
    ...(usesVersion ? ['variable "VERSION" {', '  default = "dev"', '}', ''] : []),
  ];
  const attributes: readonly (readonly [string, string])[] = [
    ['context', '"."'],
    ['dockerfile', '"Dockerfile"'],
    ['tags', '["${IMAGE}:latest"]'],
    ...(usesVersion ? [['args', '{ VERSION = VERSION }'] as const] : []),
    ...(platforms.length === 0 ? [] : [['platforms', JSON.stringify(platforms).replaceAll(',', ', ')] as const]),
    ...(needsNetrc ? [['secret', '["id=netrc,src=${HOME}/.netrc"]'] as const] : []),
    ...(needsSsh ? [['ssh', '["default"]'] as const] : []),
    ...layerCache(choices, scope),
  ];
  const home = needsNetrc ? ['variable "HOME" {', '  default = ""', '}', ''] : [];
  const width = Math.max(...attributes.map(([name]) => name.length));
  return [
    ...variables,
    ...home,
    'group "default" {',
    `  targets = [${JSON.stringify(targetName(scope))}]`,
    '}',
    '',
    `target ${JSON.stringify(targetName(scope))} {`,
    ...attributes.map(([name, value]) => `  ${name.padEnd(width)} = ${value}`),
    '}',
    '',
  ].join('\n');
}

/** A layer that no cache brings back is of no use on a fresh machine; mode=max exports those of the build stage too. */
function layerCache(choices: Choices, scope: string): readonly (readonly [string, string])[] {
  if (!hasModuleLayer(choices)) return [];
  const reference = `type=registry,ref=\${IMAGE}:cache-${scope}`;
  return [
    ['cache-from', `["${reference}"]`],
    ['cache-to', `["${reference},mode=max"]`],
  ];
}

/** Target names of bake hold letters, digits, `_` and `-`. */
function targetName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '-');
}
