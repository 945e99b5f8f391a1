import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Leaves only the type declarations that `index.d.ts` leads to: `node scripts/prune-types.ts DIRECTORY`. The others are about parts
 * that nobody can name from outside, and their packages aren't shipped.
 */
const directory = resolve(process.argv[2] ?? 'dist');
const kept = new Set<string>();

const visit = (file: string): void => {
  if (kept.has(file)) return;
  kept.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()'([^']+)'/g)) {
    if (specifier.startsWith('node:')) continue;
    if (!specifier.startsWith('.'))
      throw new Error(`${file} needs the types of \`${specifier}\`, which is not shipped`);
    visit(join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')));
  }
};
visit(join(directory, 'index.d.ts'));

for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
  const file = join(directory, path);
  if (path.endsWith('.d.ts') && !kept.has(file)) rmSync(file);
}
