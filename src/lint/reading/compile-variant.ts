import { findGoFlag, isSwitchedOn } from '../../dockerfile/go-command/read-go-command.ts';
import type { CommandInRun } from '../facts/module-flow.ts';

/** Ways in which two compiles differ so that packages are compiled for each of them. */
export interface VariantDifference {
  /** `-trimpath`, `CGO_ENABLED`, `GOOS`. */
  readonly names: readonly string[];
  /** No package at all is shared; else those that neither files nor dependencies set apart are. */
  readonly isTotal: boolean;
}

/**
 * What sets two compiles apart; empty when nothing that is known does. What isn't known is taken for equal.
 * Source: buildActionID, github.com/golang/go/blob/go1.26.0/src/cmd/go/internal/work/exec.go
 */
export function variantDifference(one: CommandInRun, other: CommandInRun): VariantDifference {
  const [a, b] = [variantOf(one), variantOf(other)];
  const names = [...a.keys()].filter((name) => {
    const [left, right] = [a.get(name), b.get(name)];
    return left !== undefined && right !== undefined && left !== right;
  });
  return { names, isTotal: names.some((name) => TOTAL.has(name)) };
}

const SWITCHES = ['trimpath', 'race', 'msan', 'asan', 'cover'];
const VALUES = ['tags', 'gcflags', 'asmflags', 'buildmode'];
const VARIABLES = ['GOARCH', 'GOARM', 'GOARM64', 'GOAMD64', 'GOEXPERIMENT'];

const TOTAL: ReadonlySet<string> = new Set(['-trimpath', '-race', '-msan', '-asan', 'GOOS', ...VARIABLES]);

/** Values by name; undefined where one can't be known. */
function variantOf({ run, command }: CommandInRun): ReadonlyMap<string, string | undefined> {
  const { go, env, unknown } = command;
  const variant = new Map<string, string | undefined>();
  if (go === undefined) return variant;
  for (const name of SWITCHES) variant.set(`-${name}`, String(isSwitchedOn(go, name)));
  for (const name of VALUES) variant.set(`-${name}`, normal(name, findGoFlag(go, name)?.value ?? ''));
  // xx-go sets these by the target platform.
  const isPlain = go.program !== 'xx-go';
  const read = (name: string, standard: string | undefined): string | undefined => {
    const value = env.get(name) ?? standard;
    return !isPlain || unknown.has(name) || value?.includes('$') === true ? undefined : value;
  };
  for (const name of VARIABLES) variant.set(name, read(name, undefined));
  variant.set('GOOS', read('GOOS', 'linux'));
  // On by default where there is a C compiler: in the official images but those of Alpine.
  const { image } = run.stage;
  const hasCompiler = image?.isGolang === true && image.tag !== undefined && !/alpine|nanoserver/.test(image.tag);
  variant.set('CGO_ENABLED', read('CGO_ENABLED', hasCompiler && !isCross(env) ? '1' : undefined));
  return variant;
}

/** For another platform cgo is off by default. */
function isCross(env: ReadonlyMap<string, string>): boolean {
  return env.has('GOARCH') || (env.get('GOOS') ?? 'linux') !== 'linux';
}

function normal(name: string, value: string): string | undefined {
  if (value.includes('$')) return undefined;
  return name === 'tags'
    ? value
        .split(/[,\s]+/)
        .filter((tag) => tag !== '')
        .toSorted()
        .join(',')
    : value;
}
