import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// Node keeps compiled (and type-stripped) code here, so that later starts are quick. Not in the shared /tmp, where
// somebody else could put code for us. `bin/slipway` names the same directory; children must not inherit it.
const codeCache = join(
  process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] || homedir(), '.cache'),
  'slipway/code',
);
enableCompileCache(codeCache);
if (process.env['NODE_COMPILE_CACHE'] === codeCache) delete process.env['NODE_COMPILE_CACHE'];

let words: readonly string[] = process.argv.slice(2);
if (process.env['DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND'] !== undefined) {
  const { enterPlugin } = await import('./plugin/enter-plugin.ts');
  words = enterPlugin(words);
}
const [first] = words;
if (first === undefined || first === '--help' || first === '-h') {
  const { ROOT_HELP } = await import('./help-text.ts');
  process.stdout.write(ROOT_HELP);
} else if (first === '--version') {
  const { readVersion } = await import('../session/version.ts');
  process.stdout.write(`slipway ${await readVersion()}\n`);
} else if (first === 'docker-cli-plugin-metadata') {
  const { formatMetadata } = await import('./plugin/metadata.ts');
  process.stdout.write(await formatMetadata());
} else {
  // What streams by leaves its buffers to the collection of young objects: where their space stays small it comes often, and
  // the most memory that is ever taken is a third less. docs/adr/0025-small-young-space.md
  setFlagsFromString('--semi-space-growth-factor=1');
  const { runProcess } = await import('./run-process.ts');
  await runProcess(words);
}
