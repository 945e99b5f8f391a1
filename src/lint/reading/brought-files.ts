import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { CopySource, CopyStep, RunStep, StepFacts } from '../facts/step.ts';

/** `copied` and `mounted` say how; `unknown` where a source, an image or a command may bring it. */
export type Brought = 'copied' | 'mounted' | 'absent' | 'unknown';

export interface BroughtQuestion {
  readonly run: RunStep;
  /** Path of the repository. */
  readonly path: string;
  /** Directory of the container where it would be looked for, or one above it. */
  readonly directory: string;
}

/** Is a file of the repository in the container when a RUN starts? Commands of RUNs are not looked at. */
export function isBrought(build: ImageBuild, { run, path, directory }: BroughtQuestion): Brought {
  const mounted = run.mounts.map((mount) => byMount(build, mount, { path, directory }));
  if (mounted.includes('copied')) return 'mounted';
  const steps = stepsOf(run.stage);
  const found = [...mounted, byCopies(steps.slice(0, steps.indexOf(run)), { path, directory })];
  return found.find((each) => each === 'copied') ?? found.find((each) => each === 'unknown') ?? 'absent';
}

type Place = Pick<BroughtQuestion, 'path' | 'directory'>;

function byCopies(steps: readonly StepFacts[], place: Place): Brought {
  const found = steps.flatMap((step) => (step.kind === 'copy' || step.kind === 'add' ? [byCopy(step, place)] : []));
  return found.find((each) => each === 'copied') ?? found.find((each) => each === 'unknown') ?? 'absent';
}

function byCopy(step: CopyStep, place: Place): Brought {
  const { destination, fromStage } = step;
  const isNear =
    destination === undefined || isWithin(place.directory, destination) || isWithin(destination, place.directory);
  if (step.from !== undefined) {
    if (!isNear) return 'absent';
    return fromStage === undefined ? 'unknown' : byCopies(stepsOf(fromStage), { ...place, directory: '/' });
  }
  const found = step.sources.map((source) => bySource(source, place.path));
  if (found.includes('copied')) return 'copied';
  return isNear && found.includes('unknown') ? 'unknown' : 'absent';
}

function bySource({ meaning, files }: CopySource, path: string): Brought {
  if (meaning === 'git' || meaning === 'url') return 'unknown';
  if (files === undefined) return meaning === 'heredoc' ? 'absent' : 'unknown';
  if (files.includes(path)) return 'copied';
  return files.some((file) => /\.(?:tar|tgz|tar\.\w+|zip)$/.test(file)) ? 'unknown' : 'absent';
}

function byMount(build: ImageBuild, { type, values, target, fromStage }: MountFacts, place: Place): Brought {
  if (type !== 'bind') return 'absent';
  const isNear = target === undefined || isWithin(place.directory, target) || isWithin(target, place.directory);
  if (values.from !== '') {
    if (!isNear) return 'absent';
    return fromStage === undefined ? 'unknown' : byCopies(stepsOf(fromStage), { ...place, directory: '/' });
  }
  const source = joinPath('/', build.context.directory, values.source).slice(1).replace(/\/$/, '');
  const isInside = source === '' || place.path === source || place.path.startsWith(`${source}/`);
  return isInside && build.context.files.includes(place.path) ? 'copied' : 'absent';
}

function stepsOf(stage: StageFacts): readonly StepFacts[] {
  return stage.chain.toReversed().flatMap(({ steps }) => steps);
}
