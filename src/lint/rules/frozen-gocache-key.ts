import type { RunningStep } from '../../definitions/workflow/job-steps.ts';
import { evaluateTemplate } from '../../definitions/workflow/expression.ts';
import { runsOf } from '../../definitions/workflow/workflow-runs.ts';
import type { PlacedText } from '../../definitions/yaml/scalar-text.ts';
import { replace } from '../edits.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { isFrozen } from '../reading/cache-key.ts';
import { oneLine } from '../reading/one-line.ts';
import { BUILD_CACHE, isBuildCache } from '../reading/saved-directory.ts';
import type { Fix, Problem, RepositoryRule } from '../types.ts';

export const frozenGocacheKey: RepositoryRule = {
  id: 'frozen-gocache-key',
  number: 44,
  subject: 'repository',
  group: 'workflow',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'the saved Go build cache has a key that changes with the dependencies only',
  check: (repository) =>
    runsOf(repository.workflows).flatMap(({ steps }) =>
      steps.flatMap((running) => checkStep(repository, running, steps)),
    ),
};

function checkStep(
  repository: RepositoryFacts,
  running: RunningStep,
  steps: readonly RunningStep[],
): readonly Problem[] {
  const { step } = running;
  if (step.action === 'actions/setup-go') return checkSetupGo(running, steps);
  if (!isSaving(step.action)) return [];
  const key = step.inputs.get('key')?.value;
  const path = step.inputs.get('path')?.value;
  if (key === undefined || path === undefined || !isFrozen(key.text, running)) return [];
  const directory = evaluateTemplate(path.text, running.lookup)
    .text.split('\n')
    .map((line) => line.trim())
    .find((line) => isBuildCache(line, steps));
  if (directory === undefined) return [];
  return [
    {
      file: step.file.path,
      range: key.range,
      message: `\`${directory}\` is saved once for each \`${oneLine(key.text)}\` and never again, so what is compiled after that is missing from it in all later runs`,
      cost: 'the packages of the repository are compiled anew in each run',
      fix: fixOf(repository, running, key),
    },
  ];
}

/**
 * setup-go keeps both caches under the hash of go.sum unless told otherwise. It can't be told to use another key, and for a small repository
 * it is enough: a remark only. Source: github.com/actions/setup-go/blob/v5/src/cache-restore.ts
 */
function checkSetupGo({ step }: RunningStep, steps: readonly RunningStep[]): readonly Problem[] {
  const version = Number(/@v(\d+)/.exec(step.uses?.text ?? '')?.[1] ?? Number.NaN);
  const isOn = step.inputs.get('cache')?.value?.text ?? (version >= 4 ? 'true' : 'false');
  const hasOther = steps.some(
    (other) => isSaving(other.step.action) && BUILD_CACHE.test(other.step.inputs.get('path')?.value?.text ?? ''),
  );
  if (isOn !== 'true' || hasOther || step.uses === undefined) return [];
  return [
    {
      file: step.file.path,
      range: step.uses.range,
      severity: 'info',
      message: `\`${step.uses.text}\` saves GOCACHE once for each go.sum, so what is compiled after that is missing from it in all later runs`,
      cost: 'the packages of the repository are compiled anew in each run',
    },
  ];
}

/** actions/cache, its `save`, and the variants of other runners; `restore` alone saves nothing. */
function isSaving(action: string): boolean {
  return /(?:^|\/)cache(?:\/save)?$/.test(action);
}

/** A key of its own for each run, and what is newest under the old one to start from. */
function fixOf(repository: RepositoryFacts, { step }: RunningStep, key: PlacedText): Fix | undefined {
  const text = repository.tree.read(step.file.path);
  const input = step.inputs.get('key');
  if (text === undefined || input === undefined || !key.isExact || key.text.includes('\n')) return undefined;
  const isRestoring = !step.action.endsWith('/save') && !step.inputs.has('restore-keys');
  const start = text.lastIndexOf('\n', input.range.start - 1) + 1;
  const indent = text.slice(start, input.range.start);
  if (isRestoring && /\S/.test(indent)) return undefined;
  const newline = text.indexOf('\n', input.range.end);
  const range = { start: key.range.end, end: newline < 0 ? text.length : newline };
  const rest = text.slice(range.start, range.end);
  const restore = isRestoring ? `\n${indent}restore-keys: ${key.text}-` : '';
  const edit = replace(step.file.path, range, `-\${{ github.run_id }}${rest}${restore}`);
  return { isSafe: false, title: 'Save under a new key in each run', edits: [edit] };
}
