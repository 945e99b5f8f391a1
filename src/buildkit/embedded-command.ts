import path from 'node:path';

export interface DaemonPlan {
  readonly buildkitd: string;
  /** Set when we aren't root. */
  readonly rootlesskit: string | undefined;
  /** util-linux's; undefined where it isn't installed, or we aren't root. */
  readonly unshare: string | undefined;
  /** Of its state. */
  readonly directory: string;
  /** Of its sockets. */
  readonly sockets: string;
  /** `SLIPWAY_BUILDKITD_CONFIG`: a buildkitd.toml; ours in flags wins. */
  readonly config: string | undefined;
}

/**
 * Ends buildkitd when standard input closes, which it does however slipway ends: politely first, for five seconds. A
 * buildkitd that ends leaves containers of unfinished steps running.
 */
const SUPERVISE = `exec 3<&0
"$@" < /dev/null 3<&- &
child=$!
(cat <&3 > /dev/null; kill -TERM $child; sleep 5; kill -KILL $child) 2> /dev/null &
watcher=$!
wait $child
code=$?
kill $watcher 2> /dev/null
exit $code
`;

/** Where runc keeps its list of containers; buildkitd lets it have its default. */
const PRIVATE_RUNC_STATE = 'mkdir -p /run/runc && mount -t tmpfs tmpfs /run/runc || exit 1\n';

/** Where clients find it. */
export function daemonAddress(sockets: string): string {
  return `unix://${path.join(sockets, 'buildkitd.sock')}`;
}

/**
 * The command of the private buildkitd. As root it lives in process and mount namespaces of its own, where the
 * supervisor is process 1: when that ends, the kernel ends all containers and takes all mounts away.
 */
export function planDaemon(plan: DaemonPlan): { readonly command: string; readonly args: readonly string[] } {
  const { rootlesskit, unshare } = plan;
  const isRootless = rootlesskit !== undefined;
  const daemon = [
    ...(isRootless ? [rootlesskit, '--net=host'] : []),
    plan.buildkitd,
    ...['--root', path.join(plan.directory, 'root'), '--addr', daemonAddress(plan.sockets)],
    // Its default is one socket for the whole machine.
    ...['--otel-socket-path', path.join(plan.sockets, 'otel.sock')],
    ...['--oci-worker-net', 'host', '--containerd-worker=false'],
    ...(plan.config === undefined || plan.config === '' ? [] : ['--config', plan.config]),
    ...(isRootless ? ['--rootless', '--oci-worker-no-process-sandbox'] : []),
  ];
  if (unshare === undefined || isRootless) return { command: '/bin/sh', args: ['-c', SUPERVISE, 'slipway', ...daemon] };
  const apart = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return {
    command: unshare,
    args: [...apart, '/bin/sh', '-c', `${PRIVATE_RUNC_STATE}${SUPERVISE}`, 'slipway', ...daemon],
  };
}
