import type { ImageBuild } from './facts/image-build.ts';
import type { RepositoryFacts } from './facts/repository.ts';
import type { Finding } from './types.ts';

/** The id of what is said where lint could not look; it is no rule of the catalogue. */
export const NOT_FOLLOWED = 'not-followed';

/** What the RUNs of Go builds call and lint can't see into, each command once. */
export function findNotFollowed({ builds }: RepositoryFacts): readonly Finding[] {
  const findings = builds.filter(isGo).flatMap((build) =>
    build.runs.flatMap((run) =>
      run.notFollowed.map(({ command, file, what }): Finding => {
        return {
          ruleId: NOT_FOLLOWED,
          file,
          range: command.range,
          severity: 'info',
          confidence: 'high',
          message: `${what.replaceAll('${unknown_to_slipway}', '…')} is not followed, so nothing is said of what it runs`,
          cost: 'faults behind it are not found',
        };
      }),
    ),
  );
  return [...new Map(findings.map((each) => [`${each.file} ${each.range.start}`, each])).values()];
}

function isGo({ stages, runs }: ImageBuild): boolean {
  return (
    stages.some(({ image }) => image?.isGolang) ||
    runs.some(({ commands }) => commands.some(({ go }) => go !== undefined))
  );
}
