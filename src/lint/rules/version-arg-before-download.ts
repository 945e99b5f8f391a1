import { lighter } from '../confidence.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { commandName } from '../reading/command-name.ts';
import { commitArgument, type CommitArgument } from '../reading/commit-arguments.ts';
import { findEarlyArguments } from '../reading/early-arguments.ts';
import type { BuildRule, Problem, Severity } from '../types.ts';

export const versionArgBeforeDownload: BuildRule = {
  id: 'version-arg-before-download',
  number: 16,
  subject: 'build',
  group: 'layers',
  severity: 'high',
  fix: 'safe',
  summary: 'an argument that changes with each commit is in force where modules or packages are downloaded',
  check: (build) => (usesGo(build) ? build.stages.flatMap((stage) => checkStage(build, stage)) : []),
};

function usesGo({ runs }: ImageBuild): boolean {
  return runs.some(({ commands }) => commands.some(({ go }) => go !== undefined));
}

function checkStage(build: ImageBuild, stage: StageFacts): readonly Problem[] {
  const kinds = argumentKinds(build, stage);
  const early = findEarlyArguments(build, stage, (name) => kinds.has(name));
  if (early === undefined) return [];
  const { names, args, fetch, edit, isMounted } = early;
  const found = names.map((name) => kinds.get(name));
  const weight: Severity = found.includes('passed') ? 'high' : found.includes('likely') ? 'medium' : 'low';
  const range = args[0]?.declares.find(({ name }) => names.includes(name))?.range ?? args[0]?.range;
  if (range === undefined) return [];
  const list = names.map((name) => `\`${name}\``).join(', ');
  const it = names.length === 1 ? 'it' : 'them';
  return [
    {
      file: build.file,
      range,
      message: `${list} stand${names.length === 1 ? 's' : ''} above ${commandName(fetch.command)}, which doesn't use ${it}: a build argument is part of the key of every RUN below, so a new value runs it again`,
      cost: isMounted
        ? 'a look through the module cache for every commit'
        : 'the whole download again for every commit',
      severity: isMounted ? lighter(weight) : weight,
      confidence: weight === 'low' ? 'low' : 'high',
      ...(edit && { fix: { isSafe: true, title: `Move ${list} down to the first use`, edits: [edit] } }),
    },
  ];
}

function argumentKinds(build: ImageBuild, stage: StageFacts): ReadonlyMap<string, CommitArgument> {
  const kinds = new Map<string, CommitArgument>();
  for (const step of stage.steps) {
    if (step.kind !== 'arg') continue;
    for (const { name, default: written } of step.declares) {
      const value = written ?? stage.steps[step.index + 1]?.before.env.get(name);
      const kind = commitArgument(build, name, value);
      if (kind !== undefined) kinds.set(name, kind);
    }
  }
  return kinds;
}
