import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type OutputOptions, rolldown } from 'rolldown';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import { writeLicenses } from './write-licenses.ts';

/**
 * Puts together what the GitHub Action runs, in action/dist or the directory given: `main.js`, which is main and post,
 * an entry for each sub-action, what they share, and the whole command line interface in one file. Nothing in it depends on
 * where or when it is made, so that a check can hold git's copy against the code: docs/adr/0030-github-action.md.
 */

const directory = resolve(process.argv[2] ?? join(PROJECT_ROOT, 'action', 'dist'));
await rm(directory, { recursive: true, force: true });
const ENTRIES = ['main', 'restore', 'save', 'lint', 'prefetch'];
await bundle(
  ENTRIES.map((name) => `src/action/${name}.ts`),
  { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
);
await bundle(['src/cli/main.ts'], { entryFileNames: 'slipway.js', codeSplitting: false });
writeLicenses(join(directory, 'licenses.txt'));

async function bundle(input: readonly string[], output: OutputOptions): Promise<void> {
  const build = await rolldown({ cwd: PROJECT_ROOT, input: [...input], platform: 'node' });
  await build.write({ dir: directory, format: 'esm', minify: true, ...output });
  await build.close();
}
