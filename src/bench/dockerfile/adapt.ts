import type { InstructionNode } from '../../dockerfile/tree.ts';
import { applyTextEdits, readRecipe, type TextEdit } from './read-recipe.ts';

/** A build argument in the key of every RUN of the compiling stage: a value that is new makes them all run. */
export const NONCE_ARGUMENT = 'SLIPWAY_BENCH_NONCE';

/** How the compile of one sample differs from the file. */
export interface CompileSettings {
  /** Added to GOFLAGS. */
  readonly goFlags: readonly string[];
  /** What CGO_ENABLED becomes; undefined leaves it as it is. */
  readonly cgo?: 0 | 1;
}

/**
 * The Dockerfile as all strategies start from it: Go says which packages it compiles (`-v`, which changes none of its
 * keys), and the nonce is declared.
 */
export function withSettings(text: string, { goFlags, cgo }: CompileSettings): string {
  const { compiles, from } = readRecipe(text);
  const flags = ['-v', ...goFlags].join(' ');
  const line = `ENV GOFLAGS="$GOFLAGS ${flags}"${cgo === undefined ? '' : ` CGO_ENABLED=${cgo}`}\n`;
  const above = compiles.map((node): TextEdit => insertAt(node.range.start, line));
  const cgoEdits = cgo === undefined ? [] : compiles.flatMap((node) => cgoWords(node, cgo));
  return applyTextEdits(text, [...above, ...cgoEdits, insertAt(from.range.end, `ARG ${NONCE_ARGUMENT}\n`)]);
}

/** The file without the mounts of these kinds: what they held is then in no cache, or in a layer. */
export function withoutMounts(text: string, kinds: readonly ('gocache' | 'gomodcache')[]): string {
  const flags = readRecipe(text).mountFlags.filter((one) => kinds.some((kind) => one.kinds.has(kind)));
  const edits = flags.map(({ flag: { range } }): TextEdit => {
    const gap = /^[ \t]*(?:\\[ \t]*\r?\n[ \t]*)?/.exec(text.slice(range.end))?.[0].length ?? 0;
    return { start: range.start, end: range.end + gap, text: '' };
  });
  return applyTextEdits(text, edits);
}

/** What the module layer is made of, from the root of the context. */
export interface ModuleManifests {
  /** go.mod, go.sum, go.work; empty where there is nothing to download. */
  readonly files: readonly string[];
  /** Where `go mod download` runs. */
  readonly directory: string;
}

/**
 * The file with its modules in a layer of their own, above the sources: copied manifests and `go mod download`. A file
 * that downloads before it copies the sources has one already.
 */
export function withModuleLayer(text: string, manifests: ModuleManifests): string {
  if (manifests.files.length === 0) return text;
  const { above, compiles } = readRecipe(text);
  if (above.some(({ name, rest }) => name === 'run' && /\bgo mod download\b/.test(rest.value))) return text;
  const copy = above.find((node) => isFromContext(node));
  const to = copy?.args.at(-1) ?? '.';
  const base = to.replace(/\/+$/, '') || '/';
  const places = Map.groupBy(manifests.files, (file) => file.slice(0, Math.max(0, file.lastIndexOf('/'))));
  const copies = [...places].map(
    ([directory, files]) => `COPY ${JSON.stringify([...files, `${under(base, directory)}/`])}`,
  );
  const enter = under(base, manifests.directory);
  const download = enter === '.' ? 'RUN go mod download' : `RUN cd "${enter}" && go mod download`;
  const before = copy ?? compiles[0];
  return applyTextEdits(text, [insertAt(before?.range.start ?? 0, `${[...copies, download].join('\n')}\n`)]);
}

/** The file with another image under the compiling stage. */
export function withBase(text: string, reference: string): string {
  const { from } = readRecipe(text);
  const image = from.words[0];
  if (image === undefined) throw new Error('FROM without an image');
  return applyTextEdits(text, [{ ...image.range, text: reference }]);
}

/** The file with a name for its compiling stage, and that name. */
export function withStageName(text: string): { readonly text: string; readonly name: string } {
  const { from, stageName } = readRecipe(text);
  if (stageName !== undefined) return { text, name: stageName };
  const end = from.words.at(-1)?.range.end ?? from.range.end;
  return { text: applyTextEdits(text, [insertAt(end, ' AS slipway-bench')]), name: 'slipway-bench' };
}

function isFromContext({ name, flags }: InstructionNode): boolean {
  return (name === 'copy' || name === 'add') && !flags.some(({ value }) => value.startsWith('--from='));
}

/** A setting in front of the command itself would win over ENV. */
function cgoWords(node: InstructionNode, cgo: 0 | 1): readonly TextEdit[] {
  return [...node.raw.matchAll(/\bCGO_ENABLED=[01]\b/g)].map((match) => {
    const start = node.range.start + match.index;
    return { start, end: start + match[0].length, text: `CGO_ENABLED=${cgo}` };
  });
}

function under(base: string, directory: string): string {
  if (directory === '') return base;
  return base === '/' ? `/${directory}` : `${base}/${directory}`;
}

function insertAt(offset: number, text: string): TextEdit {
  return { start: offset, end: offset, text };
}
