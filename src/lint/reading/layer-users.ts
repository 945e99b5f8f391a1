import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { isToolInstall } from './fetches.ts';
import { buildsOfFile } from './image-use.ts';

/** RUNs behind a download, of any target, that find its modules in the layer. */
export function usersOfLayer(
  build: ImageBuild,
  download: RunStep,
  path: string | undefined,
): { readonly runs: readonly RunStep[]; readonly hasUnknown: boolean } {
  const later = buildsOfFile(build)
    .flatMap(({ runs }) => runs)
    .filter(({ range, stage }) => {
      const isDerived = stage.chain.some((each) => each.range.start === download.stage.range.start);
      return isDerived && range.start > download.range.start;
    });
  const isBare = ({ commands }: RunStep): boolean =>
    commands.some((command) => {
      const { go } = command;
      const usesModules = go?.kind === 'compile' || go?.kind === 'download' || go?.kind === 'query';
      return usesModules && go.goModCache.mount === undefined && !isToolInstall(command);
    });
  const unknown = later.filter(
    ({ commands, notFollowed }) => notFollowed.length > 0 || commands.some((each) => each.isOpaque),
  );
  const isMounted = ({ mounts }: RunStep): boolean =>
    mounts.some(
      ({ type, target }) => type === 'cache' && target !== undefined && path !== undefined && isWithin(path, target),
    );
  return { runs: later.filter(isBare), hasUnknown: unknown.some((run) => !isMounted(run)) };
}
