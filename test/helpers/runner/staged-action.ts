import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../tools.ts';

const run = promisify(execFile);

export interface StagedAction extends AsyncDisposable {
  /** As a runner has it after it downloaded the action: what `main:` names is in it, and nothing of src or node_modules. */
  readonly directory: string;
}

/** The action as it would be from the code at hand; that git's copy of the bundle is the same is for scripts/check.sh. */
export async function stageAction(): Promise<StagedAction> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-action-'));
  for (const name of ['package.json', 'action.yml', 'restore', 'save', 'lint', 'prefetch']) {
    await cp(path.join(PROJECT_ROOT, name), path.join(directory, name), { recursive: true });
  }
  const script = path.join(PROJECT_ROOT, 'scripts', 'build-action.ts');
  await run(process.execPath, [script, path.join(directory, 'action', 'dist')]);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
