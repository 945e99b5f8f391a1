import { readFile } from 'node:fs/promises';
import { SlipwayError } from '../core/errors.ts';
import type { Environment } from './options.ts';

/** What GitHub says of the event that started this run, parsed; undefined elsewhere. CONFIG_INVALID where it can't be read. */
export async function readEvent(env: Environment): Promise<unknown> {
  const path = env['GITHUB_ACTIONS'] === 'true' ? env['GITHUB_EVENT_PATH'] : undefined;
  if (path === undefined || path === '') return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new SlipwayError('CONFIG_INVALID', `the event payload \`${path}\` (GITHUB_EVENT_PATH) can't be read`, {
      hint: 'In a container, mount the file, or unset GITHUB_EVENT_PATH and name the scope with `--scope`.',
      cause: error,
    });
  }
}
