import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { emptyMounts } from '../../buildkit/empty-mounts.ts';
import { errorMessage } from '../../core/errors.ts';
import { readOptional } from '../../core/read-optional.ts';
import { planBuild } from '../plan-build.ts';
import { makeRunDirectory } from '../run-directory.ts';
import type { PlannedBuild, WarmContext } from '../types.ts';
import { planPass } from './plan-pass.ts';
import { removeTree } from './read-tree.ts';
import { passHelper, runPass, type PassResult } from './run-pass.ts';
import type { AuditBuildName } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the builds of one audit run. */
export interface AuditGround {
  readonly context: WarmContext;
  /** Plans a build in a namespace of the audit; the same word is the same mounts. */
  plan(name: AuditBuildName, namespace: 'warm' | 'cold' | 'again'): Promise<PlannedBuild>;
  run(name: AuditBuildName, planned: PlannedBuild): Promise<PassResult>;
  /** Empties every mount that a planned build had, and takes the directories away. A fault of the builder is told, no more. */
  clear(): Promise<void>;
}

/** After a signal the process has five seconds. */
const CLEAR_MS = { interrupted: 4000, done: 120_000 };

/** Lays the ground for one audit of this build. `env` gives build arguments without a value theirs. */
export async function layGround(context: WarmContext, planned: PlannedBuild, env: Env): Promise<AuditGround> {
  const id = randomBytes(8).toString('hex');
  const isFromStdin = planned.userBuild.file === '-';
  const ignoreText = isFromStdin ? undefined : await readOptional(`${planned.dockerfilePath}.dockerignore`);
  const used = new Map<string, PlannedBuild>();
  const directory = await makeRunDirectory(context);
  return {
    context,
    plan: async (name, namespace) => {
      const pass = { name, namespace: `slipway-audit-${id}-${namespace}`, nonce: `${id}-${name}`, ignoreText };
      const build = await planBuild(planPass(planned, pass, env), env);
      used.set(namespace, build);
      return build;
    },
    run: (name, build) => runPass(context, { name, planned: build, directory: path.join(directory, name) }),
    clear: async () => {
      const { interrupted, done } = CLEAR_MS;
      const signal = AbortSignal.timeout(context.signal.aborted ? interrupted : done);
      const clearOne = async ([namespace, build]: [string, PlannedBuild]): Promise<void> =>
        emptyMounts(await passHelper({ ...context, signal }, build, path.join(directory, `empty-${namespace}`)));
      const outcomes = await Promise.allSettled([...used].map(clearOne));
      await removeTree(directory);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed === undefined) return;
      const text = `the cache mounts of the audit could not be emptied: ${errorMessage(failed.reason)}`;
      context.onEvent({ type: 'message', level: 'warning', text, hint: '`docker buildx prune` frees them' });
    },
  };
}
