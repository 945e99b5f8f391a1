import type { ModuleVersion } from './types.ts';

/** A module as vendor/modules.txt lists it. */
export interface VendoredModule extends ModuleVersion {
  /** go.mod requires it by name. */
  readonly isExplicit: boolean;
  /** The import paths of its packages that lie under vendor/. */
  readonly packages: readonly string[];
}

/**
 * Reads vendor/modules.txt; lines that aren't understood are passed over, as Go does.
 * Source: readVendorList in Go's src/cmd/go/internal/modload/vendor.go
 */
export function parseVendorModules(text: string): readonly VendoredModule[] {
  const modules: { path: string; version: string; isExplicit: boolean; packages: string[] }[] = [];
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const current = modules.at(-1);
    if (line.startsWith('# ')) {
      const [, path = '', second = ''] = words;
      // `# old => new v1` and `# old => ./dir` list a replacement for every version; it has no packages of its own.
      modules.push({ path, version: second.startsWith('v') ? second : '', isExplicit: false, packages: [] });
    } else if (line.startsWith('## ')) {
      if (current !== undefined) current.isExplicit ||= words.some((word) => /^explicit;?$/.test(word));
    } else if (words.length === 1 && words[0] !== '' && current !== undefined) {
      current.packages.push(words[0] ?? '');
    }
  }
  return modules;
}
