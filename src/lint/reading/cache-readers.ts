import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';
import { buildsOfFile } from './image-use.ts';

/**
 * Does a later step, of any target, read a directory that `run` fills: a COPY --from or a bind of its stage, or a RUN whose script
 * names the path, or asks go for it, and has no mount over it? Under a cache mount the directory is empty for all of them.
 */
export function readsDirectory(build: ImageBuild, run: RunStep, path: string): boolean {
  return buildsOfFile(build)
    .flatMap(({ steps }) => steps)
    .some((step) => reads(step, run, path));
}

function reads(step: StepFacts, run: RunStep, path: string): boolean {
  const isFromHere = (stage: StepFacts['stage'] | undefined): boolean =>
    stage?.chain.some((each) => each.range.start === run.stage.range.start) === true;
  if (step.kind === 'copy' || step.kind === 'add') {
    return isFromHere(step.fromStage) && step.sources.some(({ value }) => touches(value, path));
  }
  if (step.kind !== 'run') return false;
  const isBound = step.mounts.some(
    ({ type, fromStage, values }) => type === 'bind' && isFromHere(fromStage) && touches(values.source, path),
  );
  if (isBound) return true;
  if (step.range.start <= run.range.start || !isFromHere(step.stage)) return false;
  const isMounted = step.mounts.some(({ target }) => target !== undefined && isWithin(path, target));
  return (
    !isMounted && step.commands.some(({ argv, text }) => ASKS.test(text) || argv.some((word) => touches(word, path)))
  );
}

/** `$(go env GOMODCACHE)`, `$GOPATH/pkg/mod`, `go list -m -f '{{.Dir}}'`: the directory by another name. */
const ASKS = /go env \S*GO(?:MOD)?CACHE|\bGO(?:MOD)?CACHE\}?\/|\/pkg\/mod\b|\{\{ ?\.Dir ?\}\}/;

/** `/go/pkg` and `/go/pkg/mod/x` both touch `/go/pkg/mod`; `/` and `.` say nothing. */
function touches(word: string, path: string): boolean {
  if (!word.startsWith('/') || word === '/') return false;
  const clean = word.replace(/\/\*?$/, '');
  return isWithin(clean, path) || isWithin(path, clean);
}
