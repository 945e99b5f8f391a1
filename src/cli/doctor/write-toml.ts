import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage, SlipwayError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { renderBuildkitdToml } from '../../doctor/buildkitd-toml.ts';
import { orAborted } from '../../store/decorators/or-aborted.ts';
import type { SharedFacts } from './shared-facts.ts';

/** As long as a check has. */
const BUILDER_MS = 10_000;

/** The absolute path of a file that isn't there yet: somebody's file is never replaced, which is told before anything is looked at. */
export async function newTomlFile(written: string, cwd: string): Promise<string> {
  const file = resolve(cwd, written);
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return file;
  throw new SlipwayError('USAGE', `\`${written}\` is there already, and \`--write-buildkitd-toml\` replaces nothing`, {
    hint: 'Name a new file, and take its rules over into yours.',
  });
}

/** Writes it for the builder that was found; without one, for the newest BuildKit. */
export async function writeToml(file: string, facts: Pick<SharedFacts, 'builder'>, logger: Logger): Promise<void> {
  const builder = await orAborted(facts.builder(), AbortSignal.timeout(BUILDER_MS)).catch((error: unknown) => {
    logger.info(`the rules are those for the newest BuildKit: ${errorMessage(error)}`);
    return { nodes: [] };
  });
  try {
    await writeFile(file, renderBuildkitdToml(builder), { flag: 'wx' });
  } catch (error) {
    throw new SlipwayError('USAGE', `\`${file}\` can't be written: ${errorMessage(error)}`, { cause: error });
  }
}
