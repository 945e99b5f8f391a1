import { insertAboveGoRuns } from '../../dockerfile/insert-above-go-runs.ts';
import type { UserBuild } from '../../buildkit/types.ts';
import { factsOptions } from '../plan-build.ts';
import type { PlannedBuild } from '../types.ts';
import { impossible } from './check-passes.ts';
import type { AuditBuildName } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface PassPlan {
  readonly name: AuditBuildName;
  /** Namespace of its cache mounts: nobody else's, and at first empty. */
  readonly namespace: string;
  /** What is in no other build of this machine. */
  readonly nonce: string;
  /** Text of the ignore file that belongs to the Dockerfile, where there is one. */
  readonly ignoreText: string | undefined;
}

/**
 * One build of an audit: the user's, with mounts of its own and with Go steps that no layer cache holds. Above each of them
 * an ARG is declared, which is in the step's environment and nowhere in the files of the result. `--no-cache` would throw the
 * restored mounts away. Nothing is named, pushed or loaded. Throws AUDIT_IMPOSSIBLE for steps that can't be made to run.
 */
export function planPass(planned: PlannedBuild, plan: PassPlan, env: Env): UserBuild {
  const { userBuild, dockerfilePath, dockerfileText } = planned;
  const options = factsOptions(userBuild, dockerfilePath, env);
  const fileText = insertAboveGoRuns(dockerfileText, linesOf(plan), options);
  if (fileText === undefined) {
    throw impossible(
      'a step that mounts it comes from ONBUILD, so that the layer cache would answer for it',
      'write the step into the stage itself',
    );
  }
  const isOther = (argument: string): boolean => argument.split('=', 1)[0] !== NAMESPACE;
  return {
    ...userBuild,
    fileText,
    ...(plan.ignoreText === undefined ? {} : { ignoreText: plan.ignoreText }),
    buildArgs: [...userBuild.buildArgs.filter(isOther), `${NAMESPACE}=${plan.namespace}`],
  };
}

/** https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args */
const NAMESPACE = 'BUILDKIT_CACHE_MOUNT_NS';

function linesOf({ name, nonce }: PassPlan): readonly string[] {
  const run = [`ARG SLIPWAY_AUDIT=${nonce}`];
  // An ENV of the file would hide an ARG; but without one `# check=error=true` would not let the ENV name what may be unset.
  return name === 'verify' ? [...run, 'ARG GODEBUG', 'ENV GODEBUG=${GODEBUG:+$GODEBUG,}gocacheverify=1'] : run;
}
