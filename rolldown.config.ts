import { defineConfig, type RolldownOptions } from 'rolldown';

/**
 * What ships: the CLI and the library, with all they need inside. Commands stay chunks of their own, so that
 * `slipway --help` loads little. scripts/build-package.sh puts the Node check in front.
 */
const config: RolldownOptions = defineConfig({
  input: { main: 'src/cli/main.ts', index: 'src/index.ts' },
  platform: 'node',
  output: { dir: 'dist', format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js', minify: 'dce-only' },
});

export default config;
