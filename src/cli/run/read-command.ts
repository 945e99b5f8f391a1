import { basename } from 'node:path';
import { isSlipwayError } from '../../core/errors.ts';
import { readBuildctl } from './read-buildctl.ts';
import { readCompose } from './read-compose.ts';
import { readDocker } from './read-docker.ts';
import { readBuildx } from './read-buildx.ts';
import { unread, type CommandReading } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How to go on where a command isn't understood. */
export const NAME_THE_BUILD =
  'Name the build that it runs: `slipway run --file FILE --target STAGE PATH -- COMMAND`; by itself slipway reads docker build, docker buildx build and bake, docker compose build and buildctl build.';

/**
 * What the words of a command tell of the builds it starts. Never throws: words that the tool will refuse are its own to
 * complain of, and slipway only says why it restores nothing for them.
 */
export function readCommand(command: readonly string[], env: Env): CommandReading {
  const [program = '', ...words] = command;
  try {
    return readProgram(program, words, env);
  } catch (error) {
    if (!isSlipwayError(error, 'USAGE')) throw error;
    return unread(`its words are not understood: ${error.message}`);
  }
}

function readProgram(program: string, words: readonly string[], env: Env): CommandReading {
  switch (basename(program)) {
    case 'docker':
      return readDocker(program, words, env);
    case 'docker-buildx':
    case 'buildx':
      return readBuildx({ command: [program], words, env, overrides: {} });
    case 'docker-compose':
      return readCompose({ command: [program], words, env, overrides: {} });
    case 'buildctl':
      return readBuildctl(words, env);
    default:
      return unread(`\`${basename(program)}\` is not a command whose builds slipway can tell`);
  }
}
