import type { BuilderFacts } from '../../buildkit/builder-facts.ts';
import { findProgram } from '../../buildkit/find-program.ts';
import type { Engine } from '../../buildkit/types.ts';
import { isSlipwayError, type SlipwayError } from '../../core/errors.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, Said } from '../types.ts';

export const builderCheck: Check = {
  id: 'builder',
  looksAt: 'the builder: which one is found, its driver, whether it runs',
  run: async (context) => {
    let engine: Engine;
    try {
      engine = await context.engine();
    } catch (error) {
      if (!isSlipwayError(error)) throw error;
      const hasDocker = (await findProgram('docker', context.env)) !== undefined;
      return [judgeMissing(error, { hasDocker, isRemote: (context.env['BUILDKIT_HOST'] ?? '') !== '' })];
    }
    return judgeBuilder(engine, await context.builder());
  },
};

/** No builder: what the search for one said, and how to get one. */
export function judgeMissing(
  error: SlipwayError,
  found: { readonly hasDocker: boolean; readonly isRemote: boolean },
): Said {
  const hint = error.hint === undefined ? '' : `; ${error.hint}`;
  const says = `${error.message}${hint}`;
  if (error.code === 'ENGINE_TOO_OLD') return { level: 'error', says, mend: found.hasDocker ? NEW_BUILDER : undefined };
  if (found.isRemote) return { level: 'error', says, mend: 'buildctl debug info' };
  return { level: 'error', says, mend: found.hasDocker ? NEW_BUILDER : 'apt-get install docker.io docker-buildx' };
}

const NEW_BUILDER = 'docker buildx create --use --driver docker-container';

/** The pure part of the check for a builder that was found. */
export function judgeBuilder(
  engine: Pick<Engine, 'kind' | 'description'>,
  { driver, name, nodes }: BuilderFacts,
): readonly Said[] {
  const said: Said[] = [{ level: 'ok', says: engine.description }];
  const asleep = nodes.filter(({ status }) => status !== 'running');
  if (asleep.length > 0) {
    said.push({
      level: 'info',
      says: `${listNames(asleep)} ${asleep.length > 1 ? 'are' : 'is'} not running yet: the first build starts it, and until then it can't be looked at`,
      mend: `docker buildx inspect --bootstrap ${shellWord(name)}`,
    });
  }
  if (nodes.length > 1) {
    said.push({
      level: 'info',
      says: `${nodes.length} nodes, each with cache mounts of its own: slipway serves those of the nodes that the build’s \`--platform\` needs, or of the first`,
    });
  }
  if (driver === 'docker') {
    said.push({
      level: 'info',
      says: "the docker driver builds inside the Docker Engine: its collection of old cache is the engine's, set in daemon.json",
    });
  }
  if (engine.kind === 'embedded') {
    said.push({
      level: 'info',
      says: 'no other engine was found: it lives as long as a slipway run, so each one pays for its start',
    });
  }
  return said;
}

function listNames(nodes: BuilderFacts['nodes']): string {
  return nodes.map(({ name }) => `\`${name}\``).join(', ');
}
