import { inDirectory } from '../golang/packages/read-repository.ts';
import type { Choices } from './choose.ts';

/** A layer of modules, by strategy, where there are modules to download. */
export function hasModuleLayer({ strategy, isVendored, buildModules }: Choices): boolean {
  return strategy === 'layers' && !isVendored && buildModules.some(({ requires }) => requires > 0);
}

/** COPY lines for what `go mod download` reads: go.mod and go.sum of every module of the build, and go.work. */
export function copyManifests(choices: Choices): readonly string[] {
  const { buildModules, usesWork, hasWorkSum, module } = choices;
  const isMain = (directory: string): boolean => usesWork || directory === module.directory;
  const work = usesWork ? [copyLine(['go.work', ...(hasWorkSum ? ['go.work.sum'] : [])], '')] : [];
  const modules = buildModules.map(({ directory, hasGoSum }) => {
    // Go reads the go.sum of main modules only: https://go.dev/ref/mod#go-sum-files
    const names = hasGoSum && isMain(directory) ? ['go.mod', 'go.sum'] : ['go.mod'];
    return copyLine(
      names.map((name) => inDirectory(directory, name)),
      directory,
    );
  });
  return [...work, ...modules];
}

/** The JSON form is for names with spaces. */
function copyLine(files: readonly string[], directory: string): string {
  const words = [...files, directory === '' ? './' : `${directory}/`];
  return words.some((word) => /[\s"$\\[\]*?]/.test(word)) ? `COPY ${JSON.stringify(words)}` : `COPY ${words.join(' ')}`;
}
