import { commandRole } from '../../definitions/commands/command-role.ts';
import { isLimitedPrune } from '../../definitions/commands/find-prunes.ts';
import { readScriptCommands } from '../../definitions/commands/script-commands.ts';
import type { BuildInvocation, Setting } from '../../definitions/types.ts';
import { evaluateTemplate } from '../../definitions/workflow/expression.ts';
import { runsOf } from '../../definitions/workflow/workflow-runs.ts';
import { rangeWithin } from '../../definitions/yaml/scalar-text.ts';
import { replace } from '../edits.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { lineOrWord } from '../reading/line-or-word.ts';
import { buildOf, compilesGo, isInJob, workflowOf } from '../reading/workflow-builds.ts';
import type { Problem, RepositoryRule } from '../types.ts';

export const noCacheInWorkflow: RepositoryRule = {
  id: 'no-cache-in-workflow',
  number: 45,
  subject: 'repository',
  group: 'workflow',
  severity: 'high',
  fix: 'unsafe',
  summary: 'a workflow throws the cache away before it builds',
  check: (repository) => [
    ...repository.definitions.flatMap((invocation) => checkBuild(repository, invocation)),
    ...checkPrunes(repository),
  ],
};

function checkBuild(repository: RepositoryFacts, invocation: BuildInvocation): readonly Problem[] {
  const { noCache } = invocation;
  if (noCache?.certainty !== 'known' || noCache.text !== 'true' || !isInJob(invocation)) return [];
  if (!compilesGo(buildOf(repository, invocation)) || isMeant(repository, invocation)) return [];
  const hasNothing =
    invocation.builder === 'ephemeral' && invocation.cacheFrom.length === 0 && !invocation.restoresMounts;
  return [
    {
      file: noCache.file,
      range: noCache.range,
      message: hasNothing
        ? `\`no-cache\` builds ${invocation.label} from nothing even when a cache is added`
        : `\`no-cache\` runs every step of ${invocation.label} again, whatever the builder or \`cache-from\` has of it`,
      cost: hasNothing ? 'nothing as long as there is no cache' : 'a build from nothing in each run',
      ...(hasNothing ? { severity: 'low' } : {}),
      fix: fixOf(repository, noCache),
    },
  ];
}

/** A build from nothing now and then is a habit: of schedules, and of steps that ask for them. */
function isMeant(repository: RepositoryFacts, invocation: BuildInvocation): boolean {
  const triggers = workflowOf(repository, invocation)?.triggers ?? [];
  const isOccasional =
    triggers.length > 0 && triggers.every(({ name }) => name === 'schedule' || name === 'workflow_dispatch');
  return (
    isOccasional ||
    (invocation.job?.conditions ?? []).some((each) => /'(?:schedule|workflow_dispatch)'|inputs\./.test(each))
  );
}

function fixOf(repository: RepositoryFacts, { file, range }: Setting): Problem['fix'] {
  const text = repository.tree.read(file);
  if (text === undefined) return undefined;
  return { isSafe: false, title: 'Build with the cache', edits: [replace(file, lineOrWord(text, range), '')] };
}

/** `docker builder prune` on a machine that keeps its builder. A hosted runner has nothing to lose. */
function checkPrunes(repository: RepositoryFacts): readonly Problem[] {
  if (!repository.workflows.some(({ file }) => /\bprune\b/.test(file.text))) return [];
  const seen = new Set<string>();
  return runsOf(repository.workflows).flatMap(({ job, steps, workflow }) => {
    const own = repository.definitions.filter((each) => each.job?.file === workflow.path && each.job.jobId === job.id);
    const builds = own.filter(
      (each) => each.builder !== 'ephemeral' && compilesGo(buildOf(repository, each)) && isKept(each),
    );
    if (builds.length === 0) return [];
    return steps.flatMap(({ step, lookup }) => {
      const placed = step.run;
      if (placed === undefined) return [];
      const start = {
        directory: undefined,
        variables: new Map(),
        template: (text: string) => evaluateTemplate(text, lookup),
        isMakefile: false,
      };
      return readScriptCommands(placed.text, start).commands.flatMap((command): readonly Problem[] => {
        const role = commandRole(command);
        const range = rangeWithin(placed, command.start, command.end);
        const key = `${step.file.path} ${range.start}`;
        if (role?.kind !== 'prune' || isLimitedPrune(role.rest.map(({ text }) => text)) || seen.has(key)) return [];
        seen.add(key);
        const words = command.args.map(({ text }) => text).join(' ');
        return [
          {
            file: step.file.path,
            range,
            message: `\`${words}\` deletes the layers and cache mounts that the runner's builder keeps for ${builds[0]?.label}`,
            cost: 'a build from nothing in each run',
          },
        ];
      });
    });
  });
}

function isKept({ builder, job }: BuildInvocation): boolean {
  return builder === 'persistent' || (job?.runsOn ?? []).some((label) => label.toLowerCase() === 'self-hosted');
}
