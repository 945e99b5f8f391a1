import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/**
 * Writes dist/licenses.txt: the licences of the packages that the bundle holds, which ask to go along with copies. Those
 * are the packages that src imports; one with dependencies of its own would have to name them here too, so it is refused.
 */
const source = join(PROJECT_ROOT, 'src');
const imported = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) => [...readFileSync(join(source, path), 'utf8').matchAll(/ from '((?:@[^/']+\/)?[^./'@][^/']*)/g)])
  .flatMap((match) => (match[1] === undefined || match[1].startsWith('node:') ? [] : [match[1]]));

const parts = [...new Set(imported)].sort().map((name) => {
  const directory = join(PROJECT_ROOT, 'node_modules', name);
  const about = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
    dependencies?: Record<string, string>;
  };
  if (Object.keys(about.dependencies ?? {}).length > 0) throw new Error(`\`${name}\` has dependencies: list them too`);
  return `${name} ${about.version} (${about.license})\n\n${readFileSync(join(directory, 'LICENSE'), 'utf8').trim()}\n`;
});
writeFileSync(join(PROJECT_ROOT, 'dist', 'licenses.txt'), parts.join(`\n${'-'.repeat(80)}\n\n`));
