import { readArchive } from './read-archive.ts';

/** What a compiled package, an output of Go's build cache, says of itself. */
export interface CompiledObject {
  /** Import path; `main` of a command is `main`, as the compiler was told. */
  readonly packagePath: string;
  /** `linux/amd64` */
  readonly platform: string;
  /** `go1.26.8` */
  readonly goVersion: string;
  /** What else the compiler was set to: `GOAMD64=v1`, `X:regabiwrappers,…`. */
  readonly settings: string;
  /** The flags that the compiler records, `-race -shared`; '' for none. */
  readonly flags: string;
  /** Paths of the packages it was compiled against. */
  readonly imports: readonly string[];
}

/** cmd/internal/goobj: the magic is new with each change of the format. */
const MAGIC = Buffer.from('\0go120ld');
const BLOCKS = 19;
const [AUTOLIB, PKG_INDEX, SYMBOL_DEFS, NONPKG_REFS, DATA_INDEX, DATA] = [0, 1, 3, 7, 13, 16];
const IMPORT_BYTES = 16;
const SYMBOL_BYTES = 21;
const FLAGS_PREFIX = 'go:cuinfo.producer.';
const NAME_PREFIX = 'go:cuinfo.packagename.';

/**
 * Reads an archive that the compiler wrote; undefined for anything else, also for a format that is not known, so that a new
 * Go only makes explanations shorter.
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/internal/goobj/objfile.go#L28-L105 (layout),
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/internal/dwarf/dwarf.go#L32 (names of the two symbols)
 */
export function readObject(bytes: Buffer): CompiledObject | undefined {
  const members = readArchive(bytes);
  const [definition, code] = [
    members.find(({ name }) => name === '__.PKGDEF'),
    members.find(({ name }) => name === '_go_.o'),
  ];
  const head =
    definition && /^go object (\S+) (\S+) (\S+) ?(.*)\n/.exec(definition.data.subarray(0, 512).toString('latin1'));
  const at = code?.data.indexOf(MAGIC) ?? -1;
  if (!head || code === undefined || at < 0) return undefined;
  const [, os = '', arch = '', goVersion = '', settings = ''] = head;
  try {
    const facts = readFacts(code.data.subarray(at));
    return facts && { ...facts, platform: `${os}/${arch}`, goVersion, settings };
  } catch (error) {
    // Offsets that point nowhere: a torn file, or a format that only looks like this one.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readFacts(object: Buffer): Pick<CompiledObject, 'packagePath' | 'flags' | 'imports'> | undefined {
  const offsets = Array.from({ length: BLOCKS }, (_, index) => object.readUInt32LE(MAGIC.length + 12 + index * 4));
  const block = (index: number): number => offsets[index] ?? 0;
  const text = (at: number): string => {
    const [length, start] = [object.readUInt32LE(at), object.readUInt32LE(at + 4)];
    return object.subarray(start, start + length).toString('utf8');
  };
  const imports: string[] = [];
  for (let at = block(AUTOLIB); at < block(PKG_INDEX); at += IMPORT_BYTES) imports.push(text(at));
  let packagePath: string | undefined;
  let flags = '';
  let index = 0;
  for (let at = block(SYMBOL_DEFS); at < block(NONPKG_REFS); at += SYMBOL_BYTES, index += 1) {
    const name = text(at);
    if (name.startsWith(NAME_PREFIX)) packagePath = name.slice(NAME_PREFIX.length);
    if (!name.startsWith(FLAGS_PREFIX)) continue;
    const [from, to] = [0, 4].map((more) => object.readUInt32LE(block(DATA_INDEX) + index * 4 + more));
    flags = object.subarray(block(DATA) + (from ?? 0), block(DATA) + (to ?? 0)).toString('utf8');
  }
  return packagePath === undefined ? undefined : { packagePath, flags, imports };
}
