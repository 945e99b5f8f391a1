import { resolve } from 'node:path';
import { readSteps } from '../explain/compare-builds.ts';
import { fingerprintOf } from '../explain/fingerprint.ts';
import type { KeyedStep } from '../explain/types.ts';
import { factsOptions } from '../warm/plan-build.ts';
import type { PlannedBuild } from '../warm/types.ts';
import { readTree } from './read-tree.ts';
import { hashContext } from './hash-context.ts';
import { excludeTest } from './ignore-file.ts';

/** What decides each step of the build, as its files and arguments are now; undefined where the context is too large. */
export async function readFingerprint(
  { userBuild, dockerfilePath, dockerfileText }: PlannedBuild,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<readonly KeyedStep[] | undefined> {
  const tree = readTree(resolve(cwd, userBuild.context));
  const files = await hashContext(tree, resolve(cwd, dockerfilePath), userBuild.ignoreText);
  if (files === undefined) return undefined;
  const steps = readSteps({
    dockerfile: dockerfileText,
    options: factsOptions(userBuild, dockerfilePath, env),
    files,
    excludeTest,
  });
  return fingerprintOf(steps);
}
