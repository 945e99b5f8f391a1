import type { BuildTarget } from '../source/build-target.ts';
import { packagesOf } from './list-packages.ts';
import type { GoModule, GoPackage, GoRepository } from './types.ts';

/** The programs of a module: packages named `main` that `./...` names. */
export function mainPackagesOf(repository: GoRepository, module: GoModule, target: BuildTarget): readonly GoPackage[] {
  return packagesOf(repository, module, target).filter(({ name }) => name === 'main');
}

/**
 * The name of the file that `go build` makes of a main package: the last element of its path that is no major version.
 * Source: DefaultExecName in Go's src/cmd/go/internal/load/pkg.go
 */
export function programName(importPath: string): string {
  const elements = importPath.split('/');
  const last = elements.at(-1) ?? '';
  return /^v[1-9][0-9]*$/.test(last) && last !== 'v1' && elements.length > 1 ? (elements.at(-2) ?? '') : last;
}
