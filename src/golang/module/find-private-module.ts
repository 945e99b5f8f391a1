import { parseGoMod } from './parse-go-mod.ts';
import { matchesPrivatePattern } from './private-modules.ts';

/**
 * The first module of a go.mod that one of the lists of patterns, as in GOPRIVATE, names: the module itself, one that it
 * requires, or one that stands in for another.
 */
export function findPrivateModule(goMod: string, patterns: readonly string[]): string | undefined {
  const { module, requires, replaces } = parseGoMod(goMod);
  const standIns = replaces.filter(({ isLocal }) => !isLocal).map((replacement) => replacement.new.path);
  const paths = [...(module === undefined ? [] : [module.value]), ...requires.map(({ path }) => path), ...standIns];
  return paths.find((path) => patterns.some((list) => matchesPrivatePattern(list, path)));
}
