import { expandWord } from './word.ts';
import { WordError } from './word-error.ts';
import { formatFullPlatform, formatPlatform, type Platform } from './platform.ts';
import type { DockerfileTree, InstructionNode } from './tree.ts';
import { LocatedError } from './stage-graph.ts';

export interface GlobalOptions {
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly buildPlatform: Platform;
  readonly targetPlatform: Platform;
  /** Name of the target stage as given, else of the last stage. */
  readonly targetName: string;
}

/**
 * The variables FROM lines see: platform arguments, then the ARGs above the first FROM.
 * Source: defaultArgs and buildMetaArgs, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/platform.go#L41 and convert.go#L2160
 */
export function evaluateGlobals(tree: DockerfileTree, options: GlobalOptions): ReadonlyMap<string, string> {
  const globals = new Map<string, string>();
  for (const [name, value] of platformArguments(options)) globals.set(name, options.buildArgs.get(name) ?? value);
  for (const node of tree.instructions) {
    if (node.name === 'from') break;
    if (node.name === 'arg') applyGlobal(globals, node, { escape: tree.escape, buildArgs: options.buildArgs });
  }
  return globals;
}

/** `NAME` or `NAME=default` of an ARG. */
export function readArgument(text: string): { name: string; value: string | undefined } {
  const equals = text.indexOf('=');
  return equals < 0 ? { name: text, value: undefined } : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function platformArguments(options: GlobalOptions): readonly (readonly [string, string])[] {
  const { buildPlatform: build, targetPlatform: target } = options;
  return [
    ['BUILDPLATFORM', formatPlatform(build)],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', build.osVersion],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', build.variant],
    ['TARGETPLATFORM', formatFullPlatform(target)],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', target.osVersion],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant],
    ['TARGETSTAGE', options.targetName === '' ? 'default' : options.targetName],
  ];
}

interface GlobalContext {
  readonly escape: '\\' | '`';
  readonly buildArgs: ReadonlyMap<string, string>;
}

function applyGlobal(globals: Map<string, string>, node: InstructionNode, context: GlobalContext): void {
  for (const arg of node.args) {
    const { name, value } = readArgument(arg);
    const given = context.buildArgs.get(name);
    if (given !== undefined) globals.set(name, given);
    else if (value !== undefined) globals.set(name, expandGlobal(value, { globals, node, escape: context.escape }));
  }
}

function expandGlobal(
  value: string,
  at: { globals: Map<string, string>; node: InstructionNode; escape: '\\' | '`' },
): string {
  try {
    return expandWord(value, { escape: at.escape, lookup: (name) => at.globals.get(name) }).value;
  } catch (error) {
    if (error instanceof WordError) throw new LocatedError(at.node.startLine, error.message);
    throw error;
  }
}
