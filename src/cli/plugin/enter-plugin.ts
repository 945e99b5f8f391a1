import { isSlipwayError } from '../../core/errors.ts';
import { printError } from '../print-error.ts';
import { readPluginCall } from './read-plugin-call.ts';
import { watchDocker } from './watch-docker.ts';

/** Makes this process what docker's plugin is to be: its words, the variables of docker's global flags, docker's signals. */
export function enterPlugin(words: readonly string[]): readonly string[] {
  try {
    const call = readPluginCall(words, process.env);
    if (call === undefined) return words;
    Object.assign(process.env, call.env);
    watchDocker(process.env, () => process.kill(process.pid, 'SIGTERM'));
    return call.words;
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    printError(process.stderr, error, false);
    process.exit(error.exitCode);
  }
}
