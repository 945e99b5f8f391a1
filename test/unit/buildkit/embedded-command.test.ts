import { expect, it } from 'vitest';
import { planDaemon } from '../../../src/buildkit/embedded-command.ts';

const PLAN = {
  buildkitd: '/usr/bin/buildkitd',
  rootlesskit: undefined,
  unshare: '/usr/bin/unshare',
  directory: '/home/me/.cache/slipway/buildkitd',
  sockets: '/run/user/7/sockets',
  config: undefined,
};

it('lives in namespaces of its own as root, and keeps its root and its sockets in the directories named', () => {
  const { command, args } = planDaemon(PLAN);
  expect(command).toBe('/usr/bin/unshare');
  expect(args.slice(0, 5)).toEqual(['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']);
  const daemon = args.slice(args.indexOf('/usr/bin/buildkitd'));
  expect(daemon).toEqual(
    expect.arrayContaining([
      ...['--root', `${PLAN.directory}/root`],
      ...['--addr', `unix://${PLAN.sockets}/buildkitd.sock`, `${PLAN.sockets}/otel.sock`],
    ]),
  );
  expect(daemon).not.toContain('--config');
  expect(planDaemon({ ...PLAN, config: '/etc/mine.toml' }).args.join(' ')).toContain('--config /etc/mine.toml');
});

it('runs under rootlesskit where we aren’t root, which makes the namespaces', () => {
  const { command, args } = planDaemon({ ...PLAN, rootlesskit: '/usr/bin/rootlesskit', unshare: undefined });
  expect(command).toBe('/bin/sh');
  expect(args.join(' ')).toContain('/usr/bin/rootlesskit --net=host /usr/bin/buildkitd');
  expect(args.at(-2)).toBe('--rootless');
});
