import type { BuildInvocation, CacheEntry } from '../../definitions/types.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import { valueEdit } from '../reading/value-edit.ts';
import { buildOf, compilesGo, isOutsideImage } from '../reading/workflow-builds.ts';
import type { Problem, RepositoryRule } from '../types.ts';

export const ghaCacheWithoutModeMax: RepositoryRule = {
  id: 'gha-cache-without-mode-max',
  number: 41,
  subject: 'repository',
  group: 'workflow',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'the layers of the builder stage are not exported to the cache',
  check: (repository) => repository.definitions.flatMap((invocation) => checkInvocation(repository, invocation)),
};

const TYPES = new Set(['gha', 'registry']);

function checkInvocation(repository: RepositoryFacts, invocation: BuildInvocation): readonly Problem[] {
  const entries = invocation.cacheTo.filter(isMinimal);
  if (entries.length === 0) return [];
  const build = buildOf(repository, invocation);
  if (!compilesGo(build)) return [];
  const download = downloadLayer(build);
  if (download === undefined || exportsAll(repository, invocation)) return [];
  return entries.map((entry) => toProblem(repository, entry, download));
}

/** `mode=min` that somebody wrote is a decision. */
function isMinimal({ type, mode, fields }: CacheEntry): boolean {
  return type !== undefined && TYPES.has(type) && mode === 'min' && !fields.has('mode');
}

/** A download with a layer of its own, which only `mode=max` exports. */
function downloadLayer(build: ImageBuild): CommandInRun | undefined {
  const layers = build.flows.filter(({ strategy }) => strategy === 'layer').flatMap(({ downloads }) => downloads);
  return layers.find(({ run }) => isOutsideImage(build, run.stage));
}

/** This build or another of the same Dockerfile exports all layers. */
function exportsAll(repository: RepositoryFacts, { dockerfile }: BuildInvocation): boolean {
  return repository.definitions.some(
    (other) => other.dockerfile === dockerfile && other.cacheTo.some(({ mode }) => mode === 'max'),
  );
}

function toProblem({ tree }: RepositoryFacts, { setting, type }: CacheEntry, { run, command }: CommandInRun): Problem {
  const stage = run.stage.name ?? String(run.stage.index);
  const edit = valueEdit(tree, setting, `${setting.text},mode=max`);
  return {
    file: setting.file,
    range: setting.range,
    message: `\`type=${type}\` without \`mode=max\` exports the layers of the final image only, so \`${command.text}\` of stage \`${stage}\` is never found in the cache`,
    cost: 'a full module download in each run',
    fix: edit && { isSafe: false, title: 'Add `mode=max`', edits: [edit] },
  };
}
