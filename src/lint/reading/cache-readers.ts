import { isWithin } from '../facts/go-environment.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';

/**
 * Does a later step read a directory that `run` fills: a COPY --from of its stage, or a RUN whose script names the path
 * and has no mount over it? Under a cache mount the directory is empty for all of them.
 */
export function readsDirectory(build: ImageBuild, run: RunStep, path: string): boolean {
  return build.steps.some((step) => {
    if (step.kind === 'copy' || step.kind === 'add') {
      const isOurs = step.fromStage !== undefined && step.fromStage.chain.includes(run.stage);
      return isOurs && step.sources.some(({ value }) => touches(value, path));
    }
    if (step.kind !== 'run' || !isLater(build, run, step)) return false;
    const isMounted = step.mounts.some(({ target }) => target !== undefined && isWithin(path, target));
    return !isMounted && step.commands.some(({ argv }) => argv.some((word) => touches(word, path)));
  });
}

function isLater(build: ImageBuild, run: RunStep, step: RunStep): boolean {
  return step.stage.chain.includes(run.stage) && build.runs.indexOf(step) > build.runs.indexOf(run);
}

/** `/go/pkg` and `/go/pkg/mod/x` both touch `/go/pkg/mod`; `/` and `.` say nothing. */
function touches(word: string, path: string): boolean {
  if (!word.startsWith('/') || word === '/') return false;
  const clean = word.replace(/\/\*?$/, '');
  return isWithin(clean, path) || isWithin(path, clean);
}
