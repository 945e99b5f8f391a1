import type { BuildTool } from '../types.ts';
import type { Argument } from './flags.ts';
import type { ExpandedCommand } from './script-commands.ts';

/** What a command does for builds. */
export type CommandRole =
  | { readonly kind: 'build'; readonly tool: BuildTool; readonly rest: readonly Argument[]; readonly brings: Brings }
  | { readonly kind: 'bake' | 'compose'; readonly rest: readonly Argument[] }
  | { readonly kind: 'make' | 'script'; readonly rest: readonly Argument[] }
  | { readonly kind: 'prune'; readonly rest: readonly Argument[] }
  | undefined;

/** What the program itself settles: `slipway build` brings mounts back, `depot build` keeps them. */
export interface Brings {
  readonly restoresMounts?: boolean;
  readonly isPersistent?: boolean;
}

const DOCKER_GLOBALS = new Set(['--context', '-c', '--host', '-H', '--config', '-l', '--log-level', '--builder']);
const COMPOSE_BUILDING = new Set(['build', 'up', 'run', 'create']);

/** Tells builds, bakes, prunes and calls of other scripts from the rest. */
export function commandRole({ program, args }: ExpandedCommand): CommandRole {
  const rest = args.slice(1);
  switch (program) {
    case 'docker':
    case 'nerdctl':
      return dockerRole(rest);
    case 'docker-buildx':
      return buildxRole(rest);
    case 'docker-compose':
      return { kind: 'compose', rest };
    case 'buildctl':
      return rest[0]?.text === 'build'
        ? { kind: 'build', tool: 'buildctl', rest: rest.slice(1), brings: {} }
        : undefined;
    case 'slipway':
      return toolRole(rest, { restoresMounts: true });
    case 'depot':
      return toolRole(rest, { isPersistent: true });
    case 'make':
    case 'gmake':
      return { kind: 'make', rest };
    case 'sh':
    case 'bash':
    case 'source':
    case '.':
      return { kind: 'script', rest };
    default:
      if (args[0]?.text === '$(MAKE)' || args[0]?.text === '${MAKE}') return { kind: 'make', rest };
      return args[0]?.text.includes('/') === true ? { kind: 'script', rest: args } : undefined;
  }
}

function toolRole(rest: readonly Argument[], brings: Brings): CommandRole {
  return rest[0]?.text === 'build' ? { kind: 'build', tool: 'buildx', rest: rest.slice(1), brings } : undefined;
}

function dockerRole(words: readonly Argument[]): CommandRole {
  let rest = words;
  while (rest[0]?.text.startsWith('-')) rest = rest.slice(DOCKER_GLOBALS.has(rest[0].text) ? 2 : 1);
  const [first, second] = rest.map(({ text }) => text);
  if (first === 'build') return { kind: 'build', tool: 'docker', rest: rest.slice(1), brings: {} };
  if ((first === 'image' || first === 'builder') && second === 'build')
    return { kind: 'build', tool: 'docker', rest: rest.slice(2), brings: {} };
  if ((first === 'builder' || first === 'system') && second === 'prune') return { kind: 'prune', rest: rest.slice(2) };
  if (first === 'buildx') return buildxRole(rest.slice(1));
  return first === 'compose' ? { kind: 'compose', rest: rest.slice(1) } : undefined;
}

function buildxRole(words: readonly Argument[]): CommandRole {
  let rest = words;
  while (rest[0]?.text.startsWith('-')) rest = rest.slice(DOCKER_GLOBALS.has(rest[0].text) ? 2 : 1);
  const name = rest[0]?.text;
  if (name === 'build' || name === 'b') return { kind: 'build', tool: 'buildx', rest: rest.slice(1), brings: {} };
  if (name === 'bake' || name === 'f') return { kind: 'bake', rest: rest.slice(1) };
  return name === 'prune' ? { kind: 'prune', rest: rest.slice(1) } : undefined;
}

export function isComposeBuild(words: readonly string[]): boolean {
  return words.some((word) => COMPOSE_BUILDING.has(word));
}
