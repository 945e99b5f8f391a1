import type { BuildInvocation } from '../../definitions/types.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { buildOf, compilesGo } from '../reading/workflow-builds.ts';
import type { Problem, RepositoryRule } from '../types.ts';

export const cacheMountOnEphemeralBuilder: RepositoryRule = {
  id: 'cache-mount-on-ephemeral-builder',
  number: 47,
  subject: 'repository',
  group: 'workflow',
  severity: 'info',
  fix: 'none',
  summary: 'cache mounts start empty on a runner that is new for each job',
  check: (repository) => repository.definitions.flatMap((invocation) => checkInvocation(repository, invocation)),
};

function checkInvocation(repository: RepositoryFacts, invocation: BuildInvocation): readonly Problem[] {
  if (invocation.builder !== 'ephemeral' || invocation.job === undefined || invocation.restoresMounts) return [];
  const build = buildOf(repository, invocation);
  if (!compilesGo(build)) return [];
  const mounts = build.flows.flatMap(({ compile: { command } }) => [
    command.go?.goCache.mount,
    command.go?.goModCache.mount,
  ]);
  const mount = mounts.find((each) => each !== undefined);
  if (mount === undefined) return [];
  return [
    {
      file: invocation.file,
      range: firstLine(repository, invocation),
      message: `the runner of ${invocation.label} is new for each job, so the cache mount on \`${mount.target ?? ''}\` is empty unless a step restores it`,
      cost: 'modules are downloaded and packages compiled anew in each run',
    },
  ];
}

/** A step is long; its first line says which. */
function firstLine({ tree }: RepositoryFacts, { file, range }: BuildInvocation): BuildInvocation['range'] {
  const newline = tree.read(file)?.indexOf('\n', range.start) ?? -1;
  return newline < 0 ? range : { start: range.start, end: Math.min(range.end, newline) };
}
