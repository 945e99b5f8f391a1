import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/**
 * Puts what is published into a directory of its own and prints its path: `node scripts/stage-package.ts [DIRECTORY]`.
 * A checkout brings Node and its tools along, which nobody who installs slipway needs, so the manifest is a shorter one.
 */
const directory = process.argv[2] ?? join(PROJECT_ROOT, '.cache', 'package');
const left = new Set(['devDependencies', 'optionalDependencies', 'scripts']);

const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_ROOT, stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.exit(built.status ?? 1);

const manifest = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
for (const path of manifest['files'] as readonly string[]) {
  cpSync(join(PROJECT_ROOT, path), join(directory, path), { recursive: true });
}
const published = Object.fromEntries(Object.entries(manifest).filter(([name]) => !left.has(name)));
writeFileSync(join(directory, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
process.stdout.write(`${directory}\n`);
