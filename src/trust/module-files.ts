import { hash } from 'node:crypto';

/** By name inside of the module, the SHA-256 of each of its files as hex digits. */
export type ModuleFiles = ReadonlyMap<string, string>;

/**
 * The text whose hash the h1 of a module is: a line for each file, sorted. So whoever has this text can check any single file
 * of the module against go.sum. Source: Hash1 in https://github.com/golang/mod/blob/v0.30.0/sumdb/dirhash/hash.go
 *
 * `prefix` is `<path>@<version>/`, unescaped: what names in a module zip begin with.
 */
export function formatModuleFiles(prefix: string, files: ModuleFiles): string {
  const names = [...files.keys()].sort();
  return names.map((name) => `${files.get(name)}  ${prefix}${name}\n`).join('');
}

/** The `h1:` of that text. */
export function sumOfModuleFiles(text: string): string {
  return `h1:${hash('sha256', Buffer.from(text, 'latin1'), 'base64')}`;
}

const LINE = /^([0-9a-f]{64}) {2}(.+)$/;

/** Reads it back, one character for each byte; undefined for a text that isn't made of such lines. */
export function parseModuleFiles(prefix: string, text: string): ModuleFiles | undefined {
  const files = new Map<string, string>();
  if (!text.endsWith('\n')) return undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, hex, name = ''] = LINE.exec(line) ?? [];
    if (hex === undefined || !name.startsWith(prefix) || files.has(name.slice(prefix.length))) return undefined;
    files.set(name.slice(prefix.length), hex);
  }
  return files;
}
