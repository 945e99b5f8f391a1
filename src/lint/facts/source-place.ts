import { joinPath } from '../../dockerfile/go-text.ts';
import type { BuildContextFacts } from './build-context.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { MountFacts } from './mount.ts';
import type { StageFacts } from './stage.ts';
import type { CopySource, CopyStep, StepFacts } from './step.ts';

/** A directory of the repository and where it lies in the container. */
export interface SourcePlace {
  /** From the root of the survey, '' for the root. */
  readonly directory: string;
  /** Absolute. */
  readonly path: string;
}

/** The path of the repository that stands behind a path of the container; undefined when none is known to. */
export function repositoryPath(places: readonly SourcePlace[], path: string): string | undefined {
  const place = places.find((each) => isWithin(path, each.path));
  return place && joinPath('/', place.directory, path.slice(place.path.length)).slice(1).replace(/\/$/, '');
}

/** Where the sources lie for a step: its bind mounts, then what was copied before it, the last first. */
export function placesAt(
  steps: readonly StepFacts[],
  mounts: readonly MountFacts[],
  context: BuildContextFacts,
): readonly SourcePlace[] {
  const mounted = mounts.flatMap((mount) => mountPlaces(mount, context));
  const copied = steps.toReversed().flatMap((step) => {
    if (step.kind !== 'copy' && step.kind !== 'add') return [];
    return step.sources.flatMap((source) => copyPlaces(step, source, context));
  });
  return [...mounted, ...copied];
}

function mountPlaces(
  { type, target, values, fromStage }: MountFacts,
  context: BuildContextFacts,
): readonly SourcePlace[] {
  if (type !== 'bind' || target === undefined) return [];
  const source = joinPath('/', values.source);
  if (fromStage !== undefined) return stagePlaces(fromStage, { source, target, context });
  if (values.from !== '') return [];
  const directory = inContext(context, source);
  // A file alone: its directory stands for the one it is mounted into.
  if (context.files.includes(directory)) return [{ directory: parent(directory), path: parent(target) || '/' }];
  return [{ directory, path: target }];
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function copyPlaces(step: CopyStep, source: CopySource, context: BuildContextFacts): readonly SourcePlace[] {
  const { destination, fromStage } = step;
  if (destination === undefined) return [];
  const value = joinPath('/', source.value);
  if (fromStage !== undefined) return stagePlaces(fromStage, { source: value, target: destination, context });
  if (source.meaning === 'context' || source.meaning === 'directory') {
    return /[*?[]/.test(source.value) ? [] : [{ directory: inContext(context, value), path: destination }];
  }
  if (source.meaning !== 'file' && source.meaning !== 'manifests') return [];
  // A file alone: its directory stands for the one it is copied into.
  const isDirectory = step.sources.length > 1 || /(?:^\.{1,2}|\/|\/\.{1,2})$/.test(step.node.args.at(-1) ?? '');
  return [
    { directory: inContext(context, parent(value)), path: isDirectory ? destination : parent(destination) || '/' },
  ];
}

/** What a stage has at `source` is then at `target` too. */
function stagePlaces(
  stage: StageFacts,
  {
    source,
    target,
    context,
  }: { readonly source: string; readonly target: string; readonly context: BuildContextFacts },
): readonly SourcePlace[] {
  const steps = stage.chain.toReversed().flatMap((each) => each.steps);
  return placesAt(steps, [], context).flatMap(({ directory, path }) => {
    if (isWithin(source, path))
      return [{ directory: joinPath('/', directory, source.slice(path.length)).slice(1), path: target }];
    return isWithin(path, source) ? [{ directory, path: joinPath(target, path.slice(source.length)) }] : [];
  });
}

function inContext({ directory }: BuildContextFacts, path: string): string {
  return joinPath('/', directory, path).slice(1).replace(/\/$/, '');
}
