import { randomBytes } from 'node:crypto';
import { parseDockerfile } from '../dockerfile/parse.ts';
import type { GoMount } from '../dockerfile/types.ts';
import { networkOf } from './frontend-flags.ts';
import { SECRET_PATH } from './secret-path.ts';
import { formatCacheMountFlag, helperCacheDirectory, helperMountTarget } from './mount-flag.ts';
import type { HelperBuild, UserBuild } from './types.ts';

/** A mount with what the helper has to know of it: its place in the list, and to whom restored files belong. */
export interface HelperMount {
  readonly mount: GoMount;
  /** `uid:gid`, `-` for root's, `any` when the user isn't known. */
  readonly owner: string;
}

/** The user's build that the mounts belong to: mounts with `from=` are only found on top of its own stages. */
export interface HelperTarget {
  readonly mounts: readonly HelperMount[];
  readonly userBuild: UserBuild;
  readonly dockerfileText: string;
}

export interface HelperStep {
  readonly image: string;
  /** Directory with the script and its files. */
  readonly context: string;
  /** One of a node's platforms, where the builder has several nodes. */
  readonly node: string | undefined;
  readonly scriptName: string;
  /** The step sees it as SECRET_PATH. */
  readonly secretFile?: string | undefined;
  /** Directory in the step whose files are the result of the build. */
  readonly output?: string;
}

const STAGE = 'slipway-helper';
const SECRET_ID = 'slipway-helper';

/**
 * One helper RUN with the real mounts in their exact identity. The nonce is an argument in the step's environment:
 * a cached RUN would do nothing, and `--no-cache` would throw the mounts away.
 */
export function planHelper(target: HelperTarget, step: HelperStep): Omit<HelperBuild, 'phase'> {
  const isOnTop = target.mounts.some(({ mount }) => mount.identity.from !== undefined);
  // Appended to the user's Dockerfile, the step is read with that file's escape character.
  const escape = isOnTop ? parseDockerfile(target.dockerfileText).escape : '\\';
  const flags = target.mounts.map(({ mount }, index) =>
    formatCacheMountFlag(mount.identity, helperMountTarget(index), escape),
  );
  const bind = `--mount=type=bind,target=/slipway/context${isOnTop ? ',from=slipway-context' : ''}`;
  // The step itself is the node's own: emulation would be slow, and may be missing.
  const platform = step.node === undefined ? '' : '--platform=$BUILDPLATFORM ';
  const secret = step.secretFile === undefined ? [] : [`--mount=type=secret,id=${SECRET_ID},target=${SECRET_PATH}`];
  const lines = [
    `FROM ${platform}${step.image} AS ${STAGE}`,
    'USER 0:0',
    'ARG SLIPWAY_NONCE',
    `RUN ${[bind, ...secret, ...flags].join(' ')} ["/bin/sh", "/slipway/context/${step.scriptName}"]`,
    ...(step.output === undefined ? [] : ['FROM scratch AS slipway-output', `COPY --from=${STAGE} ${step.output} /`]),
    '',
  ];
  const network = networkOf(target.userBuild.passthrough);
  const namespace = target.mounts[0]?.mount.identity.namespace ?? '';
  return {
    dockerfile: isOnTop ? `${target.dockerfileText.replace(/\n?$/, '\n')}${lines.join('\n')}` : lines.join('\n'),
    target: step.output === undefined ? STAGE : 'slipway-output',
    context: step.context,
    buildArgs: {
      SLIPWAY_NONCE: randomBytes(8).toString('hex'),
      ...(namespace === '' ? {} : { BUILDKIT_CACHE_MOUNT_NS: namespace }),
    },
    ...(step.secretFile === undefined ? {} : { secrets: [{ id: SECRET_ID, file: step.secretFile }] }),
    ...(step.node === undefined ? {} : { platform: step.node }),
    ...(network === undefined ? {} : { network }),
    ...(isOnTop ? { base: target.userBuild } : {}),
  };
}

/** `mounts.txt` of a helper's context: index, kind, owner, directory. Modules come first: they are put in place while the build cache is fetched. */
export function formatMountList(mounts: readonly HelperMount[]): string {
  const lines = mounts.map(({ mount, owner }, index) => ({
    kind: mount.kind,
    line: `${index} ${mount.kind} ${owner} ${helperCacheDirectory(mount, index)}\n`,
  }));
  return lines
    .toSorted((a, b) => Number(a.kind === 'gocache') - Number(b.kind === 'gocache'))
    .map(({ line }) => line)
    .join('');
}
