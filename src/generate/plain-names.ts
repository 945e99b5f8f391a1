import type { Choices } from './choose.ts';
import type { Refusal } from './types.ts';

interface Named {
  readonly what: string;
  readonly value: string;
  readonly allowed: RegExp;
}

/** The letters of an import path, as golang.org/x/mod/module.CheckImportPath has them: Go builds no other packages. */
const IMPORT_PATH = /^[A-Za-z0-9._~+][A-Za-z0-9._~+/-]*$/;
/** A module may lie in a directory that no import path names; what shells, Dockerfiles and YAML read is left out. */
const DIRECTORY = /^[\p{L}\p{N}\p{M}._~+@=,()/ -]*$/u;
const PATTERNS = /^[A-Za-z0-9._~+*?^,:/[\]-]+$/;
const VARIABLE = /^[\p{L}\p{N}_.~+/-]+$/u;
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;
const PROXY = /^[A-Za-z0-9][A-Za-z0-9._~:/?=,|%@+-]*$/;

/**
 * Whether every text from outside that comes to stand in a generated file is a plain name there: such files are
 * instructions, commands and expressions, and a repository's names must never be any of these.
 */
export function refuseNames(choices: Choices): Refusal | undefined {
  const { program, buildModules, images, imageName, access, versionVariable, platforms } = choices;
  const names: readonly Named[] = [
    { what: 'the program', value: program.name, allowed: IMPORT_PATH },
    {
      what: 'the directory of the program',
      value: program.directory.slice(program.module.length),
      allowed: /^\/?$|^\/?[A-Za-z0-9._~+/-]+$/,
    },
    ...buildModules.map(({ directory }) => ({
      what: 'the directory of a module',
      value: directory,
      allowed: DIRECTORY,
    })),
    { what: 'the builder image', value: images.builder, allowed: REFERENCE },
    { what: 'the image', value: imageName, allowed: REFERENCE },
    ...present('the private modules', access.patterns, PATTERNS),
    ...present('the module proxy', access.goProxy, PROXY),
    ...access.sshHosts.map((value) => ({ what: 'a host of private modules', value, allowed: /^[A-Za-z0-9.-]+$/ })),
    ...present('the version variable', versionVariable, VARIABLE),
    ...platforms.map((value) => ({ what: 'a platform', value, allowed: /^[A-Za-z0-9._/-]+$/ })),
  ];
  const bad = names.find(({ value, allowed }) => !allowed.test(value));
  if (bad === undefined) return undefined;
  return {
    message: `${bad.what}, \`${bad.value}\`, holds characters that mean something else in a Dockerfile or a workflow`,
    hint: 'Rename it to letters, digits, `.`, `_` and `-`.',
  };
}

function present(what: string, value: string | undefined, allowed: RegExp): readonly Named[] {
  return value === undefined ? [] : [{ what, value, allowed }];
}
