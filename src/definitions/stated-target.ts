import { isAbsolute, join } from 'node:path/posix';
import { fields, list, member, members, pairs, text } from './json-values.ts';

/** A target as `docker buildx bake --print` or `docker compose config` says it, in the terms of `docker buildx build`. */
export interface StatedTarget {
  readonly context: string;
  /** From where the build runs; undefined: `Dockerfile` in the context. */
  readonly file: string | undefined;
  /** The Dockerfile itself, where it stands in the definition. */
  readonly fileText: string | undefined;
  readonly target: string | undefined;
  readonly platforms: readonly string[];
  /** `NAME=value`, or `NAME` from the environment. */
  readonly buildArgs: readonly string[];
  /** `name=source` */
  readonly buildContexts: readonly string[];
  readonly network: string | undefined;
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly noCache: boolean;
}

/** Bake and Compose name their fields alike, but for how they join two words. */
export type WordJoint = '-' | '_';

/** The targets of `docker buildx bake --print` by name, those that others are built from too. */
export function readBakeTargets(answer: unknown): readonly (readonly [string, StatedTarget])[] {
  return members(member(answer, 'target')).map(([name, target]) => [name, readStatedTarget(target, '-')]);
}

export function readStatedTarget(target: unknown, joint: WordJoint): StatedTarget {
  const at = (...words: readonly string[]): unknown => member(target, words.join(joint));
  // `cwd://` is bake's word for the directory that it runs in.
  const context = (text(at('context')) ?? '.').replace(/^cwd:\/\//, '') || '.';
  const fileText = text(at('dockerfile', 'inline'));
  return {
    context,
    file: fileText === undefined ? fileOf(text(at('dockerfile')), context) : undefined,
    fileText,
    target: text(at('target')),
    platforms: list(at('platforms')).map(String),
    buildArgs: pairs(at('args')),
    buildContexts: pairs(at('contexts') ?? at('additional', 'contexts')),
    network: text(at('network')),
    secrets: list(at('secret')).map(fields),
    ssh: list(at('ssh')).map(fields),
    noCache: at('no', 'cache') === true,
  };
}

/** Both tools look for the Dockerfile from the context, `docker buildx build` from where it runs. */
function fileOf(dockerfile: string | undefined, context: string): string | undefined {
  if (dockerfile === undefined || isAbsolute(dockerfile)) return dockerfile;
  if (dockerfile.startsWith('cwd://')) return dockerfile.slice('cwd://'.length);
  return join(context, dockerfile);
}
