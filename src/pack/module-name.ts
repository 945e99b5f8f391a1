/** A module as the files of a module cache name it. */
export interface ModuleName {
  /** `<escaped path>@<escaped version>`: where it is extracted to. */
  readonly directory: string;
  /** `cache/download/<escaped path>/@v/<escaped version>`: its other files, but for their endings. */
  readonly stem: string;
  /** Unescaped, as `version` is. */
  readonly path: string;
  readonly version: string;
}

const STEM = /^cache\/download\/(.+)\/@v\/([^/]+)\.[a-z]+$/;

/** The module that a file of `cache/download` belongs to; its path must be one that the grammar of entries lets through. */
export function moduleOfFile(path: string): ModuleName | undefined {
  const [, module, version] = STEM.exec(path) ?? [];
  return module === undefined || version === undefined ? undefined : nameModule(module, version);
}

/** The module that is extracted to `directory`. */
export function moduleOfDirectory(directory: string): ModuleName {
  const at = directory.indexOf('@');
  return nameModule(directory.slice(0, at), directory.slice(at + 1));
}

function nameModule(module: string, version: string): ModuleName {
  return {
    directory: `${module}@${version}`,
    stem: `cache/download/${module}/@v/${version}`,
    path: unescapeLetters(module),
    version: unescapeLetters(version),
  };
}

/** `!x` is `X`. Source: module.EscapePath in https://github.com/golang/mod/blob/v0.30.0/module/module.go */
function unescapeLetters(escaped: string): string {
  return escaped.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
