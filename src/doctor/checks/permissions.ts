import { access, constants, stat } from 'node:fs/promises';
import { errorMessage } from '../../core/errors.ts';
import { findProgram } from '../../buildkit/find-program.ts';
import { existingPart } from '../existing-part.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, DoctorContext, Said } from '../types.ts';

export const permissionsCheck: Check = {
  id: 'permissions',
  looksAt: "slipway's own directory, the socket of the builder, and what slipway needs to start a buildkitd of its own",
  run: async (context) => [
    judgeDirectory(await readDirectoryFacts(context.cacheDirectory)),
    ...(await lookAtSockets(context)),
    ...(await lookAtEmbedded(context)),
  ],
};

export interface DirectoryFacts {
  readonly directory: string;
  /** The directory itself, or what is there of the path. */
  readonly existing: string;
  readonly ownerId: number;
  readonly userId: number;
  readonly isWritable: boolean;
}

async function readDirectoryFacts(directory: string): Promise<DirectoryFacts> {
  const existing = await existingPart(directory);
  const { uid } = await stat(existing);
  const isWritable = await may(existing, constants.W_OK | constants.X_OK);
  return { directory, existing, ownerId: uid, userId: process.getuid?.() ?? uid, isWritable };
}

/** The pure part for the directory. */
export function judgeDirectory({ directory, existing, ownerId, userId, isWritable }: DirectoryFacts): Said {
  const mend = `sudo chown -R "$(id -u):$(id -g)" ${shellWord(existing)}`;
  if (!isWritable) {
    return {
      level: 'error',
      says: `${existing} may not be written by this user (it belongs to user ${ownerId})`,
      mend,
    };
  }
  if (existing === directory && userId === 0 && ownerId !== 0) {
    return {
      level: 'warning',
      says: `${directory} belongs to user ${ownerId}, and this is root: what root writes there that user can't replace`,
      mend: 'sudo -H slipway doctor',
    };
  }
  return {
    level: 'ok',
    says: existing === directory ? `${directory} may be written` : `${directory} is made by the first run`,
  };
}

/** Sockets that the environment leads to and that this user may not speak to. */
async function lookAtSockets({ env }: DoctorContext): Promise<readonly Said[]> {
  const docker = env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const buildkit = env['BUILDKIT_HOST'] ?? '';
  const sockets = [docker, buildkit].flatMap((address) => /^unix:\/\/(.+)$/.exec(address)?.[1] ?? []);
  const said = await Promise.all(sockets.map(async (socket) => judgeSocket(socket, await tryOpen(socket))));
  return said.flatMap((each) => each ?? []);
}

/** The pure part for a socket, by the code that opening it gave. One that isn't there is for the check `builder`. */
export function judgeSocket(socket: string, code: string | undefined): Said | undefined {
  if (code !== 'EACCES' && code !== 'EPERM') return undefined;
  const isDocker = socket.endsWith('docker.sock');
  return {
    level: 'error',
    says: `${socket} may not be used by this user`,
    mend: isDocker
      ? 'sudo usermod -aG docker "$USER" && newgrp docker'
      : `sudo chgrp "$(id -g)" ${shellWord(socket)} && sudo chmod g+rw ${shellWord(socket)}`,
  };
}

async function tryOpen(socket: string): Promise<string | undefined> {
  try {
    await access(socket, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? errorMessage(error);
  }
}

async function may(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}

/** What a buildkitd of slipway's own needs; nothing where another engine is used. */
async function lookAtEmbedded({ env, engine }: DoctorContext): Promise<readonly Said[]> {
  const kind = await engine().then(
    (found) => found.kind,
    () => 'none',
  );
  if (kind !== 'embedded' && kind !== 'none') return [];
  const programs = await Promise.all(
    EMBEDDED_PROGRAMS.map(async (name) => ((await findProgram(name, env)) === undefined ? [] : [name])),
  );
  const isRoot = process.getuid?.() === 0;
  return judgeEmbedded({ programs: programs.flat(), isRoot, isUsed: kind === 'embedded' });
}

const EMBEDDED_PROGRAMS = ['buildkitd', 'buildctl', 'runc', 'unshare', 'rootlesskit', 'newuidmap', 'newgidmap'];

/** The pure part for slipway's own buildkitd. */
export function judgeEmbedded(found: {
  readonly programs: readonly string[];
  readonly isRoot: boolean;
  readonly isUsed: boolean;
}): readonly Said[] {
  const { isRoot, isUsed } = found;
  const has = (name: string): boolean => found.programs.includes(name);
  const needed = ['buildkitd', 'buildctl', 'runc', ...(isRoot ? [] : ['rootlesskit', 'newuidmap', 'newgidmap'])];
  const missing = needed.filter((name) => !has(name));
  if (missing.length > 0) {
    const says = `slipway can't start a buildkitd of its own: ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not on PATH`;
    return [{ level: isUsed ? 'error' : 'info', says, mend: INSTALL }];
  }
  if (isRoot && !has('unshare')) {
    return [
      {
        level: 'warning',
        says: 'without unshare on PATH, steps of a slipway that was killed may live on in its buildkitd',
        mend: 'apt-get install util-linux',
      },
    ];
  }
  return [{ level: 'ok', says: `slipway may start a buildkitd of its own${isRoot ? '' : ', by rootlesskit'}` }];
}

const RELEASE = 'https://github.com/moby/buildkit/releases/download/v0.33.1/buildkit-v0.33.1.linux';
const INSTALL = `apt-get install runc rootlesskit uidmap && curl -fsSL ${RELEASE}-$(dpkg --print-architecture).tar.gz | sudo tar -xz -C /usr/local`;
