import { joinPath } from './go-text.ts';
import { readArgument } from './build-arguments.ts';
import { LocatedError, type Stage, type Step } from './stage-graph.ts';
import { expandWord } from './word.ts';
import { WordError } from './word-error.ts';

/** What is in force at a step of a stage. */
export interface StageState {
  /** ENV and ARG values as one, the later wins: what variables in the Dockerfile mean. */
  readonly env: ReadonlyMap<string, string>;
  /** ENV values alone, which a stage built FROM this one starts with. */
  readonly imageEnv: ReadonlyMap<string, string>;
  readonly workdir: string;
  /** USER; undefined = what the image says. */
  readonly user: string | undefined;
  /** SHELL; undefined = the default. */
  readonly shell: readonly string[] | undefined;
  /** The image at the root of the FROM chain; undefined for scratch and named contexts. */
  readonly baseImage: string | undefined;
  /** True when there is a base image or context whose own variables can't be known here. */
  readonly hasUnknownEnv: boolean;
  /** Settings made by `go env -w` in this stage. */
  readonly goEnv: ReadonlyMap<string, string>;
}

export interface EvaluationContext {
  readonly escape: '\\' | '`';
  readonly globals: ReadonlyMap<string, string>;
  readonly buildArgs: ReadonlyMap<string, string>;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The state a stage starts with: its base stage's last one, or what is known of its image. */
export function startOfStage(stage: Stage, base: StageState | undefined, isContext: boolean): StageState {
  if (base !== undefined) return { ...base, env: new Map([...base.env, ...base.imageEnv]) };
  const isImage = stage.baseName !== 'scratch' && !isContext;
  const isGolang = isImage && isGolangImage(stage.baseName);
  // GOPATH and working directory of the official image: github.com/docker-library/golang/blob/master/Dockerfile-linux.template
  const imageEnv = new Map(
    isGolang
      ? [
          ['PATH', `/go/bin:/usr/local/go/bin:${DEFAULT_PATH}`],
          ['GOTOOLCHAIN', 'local'],
          ['GOPATH', '/go'],
        ]
      : [['PATH', DEFAULT_PATH]],
  ) as ReadonlyMap<string, string>;
  return {
    env: imageEnv,
    imageEnv,
    workdir: isGolang ? '/go' : '/',
    user: undefined,
    shell: undefined,
    baseImage: isImage ? stage.baseName : undefined,
    hasUnknownEnv: isImage || isContext,
    goEnv: new Map(),
  };
}

/** `golang`, `golang:1.26-alpine`, `mirror.example/library/golang@sha256:…` */
export function isGolangImage(reference: string): boolean {
  const name = reference.split('@')[0]?.split('/').at(-1)?.split(':')[0];
  return name === 'golang';
}

/**
 * The state behind a step. RUN leaves it as it is.
 * Source: dispatch, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L975
 */
export function stateAfter(state: StageState, step: Step, context: EvaluationContext): StageState {
  const { name, args } = step.instruction;
  switch (name) {
    case 'env':
      return applyEnv(state, step, context);
    case 'arg':
      return applyArguments(state, step, context);
    case 'workdir': {
      const path = expandIn(state, args[0] ?? '', { line: step.line, escape: context.escape }) ?? '';
      return {
        ...state,
        workdir: path.startsWith('/') ? path : path === '' ? state.workdir : joinPath(state.workdir, path),
      };
    }
    case 'user':
      return { ...state, user: expandIn(state, args[0] ?? '', { line: step.line, escape: context.escape }) };
    case 'shell':
      return { ...state, shell: args };
    default:
      checkWords(state, step, context);
      return state;
  }
}

export interface WordPlace {
  readonly line: number;
  readonly escape: '\\' | '`';
  /** Called when the word needs a variable that only the image may know. */
  readonly onUnknown?: () => void;
}

/** Expands a word with the variables in force; undefined when that failed only because the image's own variables aren't known. */
export function expandIn(state: StageState, word: string, at: WordPlace): string | undefined {
  let missed = false;
  const lookup = (name: string): string | undefined => {
    const value = state.env.get(name);
    missed ||= value === undefined;
    return value;
  };
  try {
    const { value } = expandWord(word, { escape: at.escape, lookup });
    if (missed && state.hasUnknownEnv) at.onUnknown?.();
    return value;
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    if (missed && state.hasUnknownEnv) {
      at.onUnknown?.();
      return undefined;
    }
    throw new LocatedError(at.line, error.message);
  }
}

function applyEnv(state: StageState, step: Step, context: EvaluationContext): StageState {
  const env = new Map(state.env);
  const imageEnv = new Map(state.imageEnv);
  const { args } = step.instruction;
  const at = { line: step.line, escape: context.escape };
  for (let index = 0; index < args.length; index += 3) {
    const name = expandIn(state, args[index] ?? '', at);
    const value = expandIn(state, args[index + 1] ?? '', at);
    if (name === undefined) continue;
    for (const map of [env, imageEnv]) {
      if (value === undefined) map.delete(name);
      else map.set(name, value);
    }
  }
  return { ...state, env, imageEnv };
}

/** ARGs that BuildKit keeps out of the variables: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L52 */
const SILENT_ARGUMENTS: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

function applyArguments(state: StageState, step: Step, context: EvaluationContext): StageState {
  let current = state;
  for (const arg of step.instruction.args) {
    const { name, value } = readArgument(arg);
    let result = context.buildArgs.get(name);
    if (result === undefined) {
      result =
        value === undefined
          ? context.globals.get(name)
          : expandIn(current, value, { line: step.line, escape: context.escape });
    }
    if (result === undefined || SILENT_ARGUMENTS.has(name)) continue;
    current = { ...current, env: new Map(current.env).set(name, result) };
  }
  return current;
}

/** Words of other instructions are expanded only for the errors BuildKit would give. */
function checkWords(state: StageState, step: Step, context: EvaluationContext): void {
  const { name, args } = step.instruction;
  const words: string[] = [];
  if (name === 'label') words.push(...args.filter((_, index) => index % 3 !== 2));
  if (name === 'volume' || name === 'stopsignal') words.push(...args);
  if (name === 'copy' || name === 'add') {
    words.push(...args.filter((arg) => !arg.includes('<<')));
    for (const flag of ['chown', 'chmod', 'checksum']) words.push(...(step.flags.get(flag) ?? []));
  }
  for (const word of words) expandIn(state, word, { line: step.line, escape: context.escape });
}
