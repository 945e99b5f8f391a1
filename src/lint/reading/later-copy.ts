import type { ImageBuild } from '../facts/image-build.ts';
import { placesAt, repositoryPath } from '../facts/source-place.ts';
import type { CopyStep, RunStep, StepFacts } from '../facts/step.ts';
import { isPlainDownload } from './downloads.ts';

/** A file or directory of the repository and where it has to lie in the container. */
export interface Placed {
  readonly source: string;
  readonly path: string;
}

/** Does a COPY behind a RUN, and before the next one, bring a file or directory to the same place in the same way? */
export function isCopiedLater(
  build: ImageBuild,
  after: RunStep,
  { like, placed }: { readonly like: CopyStep; readonly placed: Placed },
): boolean {
  const { steps } = after.stage;
  const rest = steps.slice(after.index + 1);
  const next = rest.findIndex(({ kind }) => kind === 'run');
  const flags = (step: StepFacts): string => step.node.flags.map(({ value }) => value).join(' ');
  return rest.slice(0, next < 0 ? rest.length : next).some((step) => {
    if (step.kind !== 'copy' || step.from !== undefined || flags(step) !== flags(like)) return false;
    const brings = step.sources.some(({ files }) =>
      files?.some((file) => file === placed.source || file.startsWith(`${placed.source}/`)),
    );
    return brings && repositoryPath(placesAt([step], [], build.context), placed.path) === placed.source;
  });
}

/** The next RUN of a stage when it downloads modules and does nothing else. */
export function nextDownload(step: CopyStep): RunStep | undefined {
  const run = step.stage.steps.find((each): each is RunStep => each.kind === 'run' && each.index > step.index);
  if (run === undefined || run.notFollowed.length > 0 || run.isTrigger) return undefined;
  const isPure = run.commands.every(({ go, isSetting, program, via }) => {
    if (via.length > 0) return false;
    return (
      isSetting ||
      (go === undefined
        ? /^(?:set|echo|true|:)$/.test(program)
        : go.kind === 'environment' || /^mod (?:download|verify)$/.test(go.subcommand))
    );
  });
  return isPure && run.commands.some((command) => isPlainDownload(command)) ? run : undefined;
}
