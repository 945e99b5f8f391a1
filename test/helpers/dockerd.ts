import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sharedBaseRegistry } from './base-registry.ts';
import { BUILDKIT_IMAGE, importBuildkit } from './buildkit-image.ts';
import { toolPath, toolsBin } from './tools.ts';

const run = promisify(execFile);

/** Debian's docker, dockerd and containerd: scripts/lib/tools.sh keeps them away from the other tools. */
const ENGINE = path.join(toolsBin(), '..', 'docker-engine');

export interface Dockerd extends AsyncDisposable {
  /** `20.10.24+dfsg1` */
  readonly version: string;
  /** `DOCKER_HOST`, `DOCKER_CONFIG` with buildx as its plugin, and a PATH with Debian's docker before the tools. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs Debian's docker client; answers its standard output. */
  docker(...words: readonly string[]): Promise<string>;
  /** Makes a builder of the docker-container driver and starts it: a worker that has never seen the code. */
  createBuilder(name: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Debian's dockerd with all of its state in a directory of its own. It lives in process and mount namespaces: when
 * this process ends, however it ends, the supervisor lets the kernel end dockerd, containerd and all containers, whose
 * mounts go with them, and takes the state away. Needs root.
 */
export async function startDockerd(): Promise<Dockerd> {
  if (!existsSync(ENGINE)) throw new Error(`there is no ${ENGINE}: run \`./scripts/test --setup\`, which unpacks it`);
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-dockerd-'));
  const mirror = (await sharedBaseRegistry()).host;
  const socket = path.join(directory, 'docker.sock');
  const group = path.basename(directory);
  const daemon = [
    path.join(ENGINE, 'dockerd'),
    ...['--data-root', path.join(directory, 'data'), '--exec-root', path.join(directory, 'exec')],
    ...['--pidfile', path.join(directory, 'docker.pid'), '--host', `unix://${socket}`],
    // RUN steps and builders are on the machine's own network, which needs neither a bridge nor its rules.
    ...['--bridge=none', '--iptables=false', '--cgroup-parent', `/${group}`],
    ...['--storage-driver', 'overlay2', '--registry-mirror', `http://${mirror}`],
    ...(await runtimeFlags(directory)),
  ];
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const TMPDIR = path.join(directory, 'tmp');
  const PATH = `${ENGINE}:${toolsBin()}:${process.env['PATH']}:/usr/sbin:/sbin`;
  const child = spawn(
    'sh',
    ['-c', SUPERVISE, 'supervise', directory, group, ...apart, 'sh', '-c', KEEP_APART, 'apart', directory, ...daemon],
    // A group of its own, so that Ctrl-C leaves it the time to clean up.
    { stdio: ['pipe', 'ignore', 'inherit'], detached: true, env: { ...process.env, PATH, TMPDIR } },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: path.join(directory, 'config'), PATH };
  const docker = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run(path.join(ENGINE, 'docker'), words, { env: { ...process.env, ...env } });
    return stdout.trim();
  };
  try {
    await mkdir(path.join(env.DOCKER_CONFIG, 'cli-plugins'), { recursive: true });
    await symlink(toolPath('buildx'), path.join(env.DOCKER_CONFIG, 'cli-plugins', 'docker-buildx'));
    const version = await waitUntilReady(() => docker('version', '--format', '{{.Server.Version}}'), directory);
    await importBuildkit(directory, docker);
    const createBuilder = async (name: string): Promise<void> => {
      const config = path.join(directory, 'buildkitd.toml');
      await writeFile(config, builderConfig(mirror));
      const options = `image=${BUILDKIT_IMAGE},network=host,cgroup-parent=/${group}`;
      const driver = ['--driver', 'docker-container', '--driver-opt', options, '--buildkitd-config', config];
      await docker('buildx', 'create', '--name', name, ...driver, '--bootstrap');
    };
    return { version, env, docker, createBuilder, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for standard input to close, which it does however the test ends; process 1 takes everything with it. */
const SUPERVISE = `
directory=$1 group=$2
shift 2
exec 3<&0
"$@" 3<&- </dev/null >"$directory/dockerd.log" 2>&1 &
child=$!
cat <&3 >/dev/null
for first in $(cat "/proc/$child/task/$child/children"); do kill -KILL "$first"; done
wait $child
for groups in /sys/fs/cgroup/"$group" /sys/fs/cgroup/*/"$group"; do
	if [ -d "$groups" ]; then find "$groups" -depth -type d -exec rmdir {} +; fi
done
rm -rf "$directory"
`;

/** dockerd and containerd write beside their roots too: what they write there is seen by them alone. */
const KEEP_APART = `
set -e
directory=$1
shift
mkdir -p "$directory/beside/etc" "$TMPDIR"
# In a container these are mounts of their own, which the layer below doesn't show.
cp --dereference /etc/resolv.conf /etc/hosts "$directory/beside/etc/"
for place in etc opt run; do
	mkdir -p "$directory/beside/$place" "$directory/beside/$place.work"
	mount -t overlay overlay -o "lowerdir=/$place,upperdir=$directory/beside/$place,workdir=$directory/beside/$place.work" "/$place"
done
exec "$@"
`;

const CAP_SYS_RESOURCE = 1n << 24n;

/** A root without CAP_SYS_RESOURCE can't hand it to a privileged container: runc refuses with "unable to apply caps". */
async function runtimeFlags(directory: string): Promise<readonly string[]> {
  const bounds = /^CapBnd:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0';
  if ((BigInt(`0x${bounds}`) & CAP_SYS_RESOURCE) !== 0n) return [];
  const file = path.join(directory, 'runc-without-resource');
  await writeFile(file, RUNC_WITHOUT_RESOURCE.replace('RUNC', toolPath('runc')), { mode: 0o755 });
  return ['--add-runtime', `less=${file}`, '--default-runtime', 'less'];
}

/** Takes the capability out of what `create` and `exec` are told. */
const RUNC_WITHOUT_RESOURCE = `#!/bin/sh
previous=
for word; do
	case $previous in
	--bundle) file=$word/config.json ;;
	--process) file=$word ;;
	*) file= ;;
	esac
	if [ -n "$file" ]; then sed -i 's/"CAP_SYS_RESOURCE",//g; s/,"CAP_SYS_RESOURCE"//g' "$file" || exit; fi
	previous=$word
done
exec RUNC "$@"
`;

async function waitUntilReady(ask: () => Promise<string>, directory: string): Promise<string> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) {
        const log = await readFile(path.join(directory, 'dockerd.log'), 'utf8');
        const tail = log.split('\n').slice(-20).join('\n');
        throw new Error(`dockerd did not start; it needs root with CAP_SYS_ADMIN, overlayfs and cgroups:\n${tail}`, {
          cause: error,
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function builderConfig(mirror: string): string {
  return [
    ...['[cdi]', 'disabled = true', '[worker.oci]', 'gc = false', 'snapshotter = "overlayfs"'],
    ...['[registry."docker.io"]', `mirrors = [${JSON.stringify(mirror)}]`],
    ...[`[registry.${JSON.stringify(mirror)}]`, 'http = true', ''],
  ].join('\n');
}
