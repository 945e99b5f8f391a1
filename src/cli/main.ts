import { enableCompileCache } from 'node:module';

// Compiled code of later starts comes from the user's temporary directory; where that fails nothing is lost but time.
enableCompileCache();

const words = process.argv.slice(2);
const [first] = words;
if (first === undefined || first === '--help' || first === '-h') {
  const { ROOT_HELP } = await import('./help-text.ts');
  process.stdout.write(ROOT_HELP);
} else if (first === '--version') {
  const { readVersion } = await import('./version.ts');
  process.stdout.write(`slipway ${await readVersion()}\n`);
} else {
  const { runProcess } = await import('./run-process.ts');
  await runProcess(words);
}
