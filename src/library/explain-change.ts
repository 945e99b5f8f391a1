import { SlipwayError } from '../core/errors.ts';
import type { ExplainDocument } from '../explain/document.ts';
import { explainChange as explain, redactDocument } from '../project/explain-change.ts';
import { rememberBuildArguments } from '../session/remember-secrets.ts';
import { planBuild } from '../warm/plan-build.ts';
import { BUILD_INPUT, toPairs, toUserBuild } from './build-options.ts';
import { CALL_OPTIONS, call } from './call.ts';
import type { ExplainChangeOptions } from './options.ts';

/**
 * Says which steps of a build a change re-runs, and why, against a build of everything else as it is on the same builder. Nothing
 * is built, and no engine is asked.
 */
export function explainChange(options: ExplainChangeOptions): Promise<ExplainDocument> {
  const names = { ...CALL_OPTIONS, ...BUILD_INPUT, paths: true, since: true, changedBuildArgs: true } as const;
  return call(options, names, async (host) => {
    const { paths: _, since, changedBuildArgs, ...input } = options;
    const paths = options.paths ?? [];
    const changed = toPairs(changedBuildArgs);
    if (paths.length + changed.length === 0 && since === undefined) {
      throw new SlipwayError('USAGE', 'there is no change to explain', {
        hint: 'Give `paths`, `since` or `changedBuildArgs`.',
      });
    }
    if (paths.length > 0 && since !== undefined) {
      throw new SlipwayError('USAGE', '`paths` and `since` exclude each other', {
        hint: '`since` already takes every file that differs from the revision.',
      });
    }
    const userBuild = toUserBuild(input, host);
    rememberBuildArguments([...userBuild.buildArgs, ...changed], host.env);
    const planned = await planBuild(userBuild, host.env);
    const { cwd, env, signal } = host;
    return redactDocument(await explain(planned, { cwd, env, signal, paths, since, buildArgs: changed }));
  });
}
