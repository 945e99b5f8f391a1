import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../config/options.ts';
import type { WillCommand } from '../process/last-will.ts';
import { findOwnPackage } from './own-package.ts';

/** A command that only slipway itself calls: it closes the trees of a run that was killed. */
export const CLOSE_TREES = '__close-trees';

/** The command line that does so, by the CLI of this very package; undefined where that isn't there. */
export async function findCloser(env: Environment): Promise<WillCommand | undefined> {
  const own = await findOwnPackage();
  if (own === undefined) return undefined;
  const isSource = import.meta.url.endsWith('.ts');
  const cli = fileURLToPath(new URL(isSource ? 'src/cli/main.ts' : 'dist/main.js', own.root));
  if (!existsSync(cli)) return undefined;
  // Docker ends its plugins with itself, and this one is to outlive the run.
  const { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: _, ...rest } = env;
  return { command: [process.execPath, cli, CLOSE_TREES], env: rest };
}
