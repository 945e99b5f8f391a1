import { describe, expect, it } from 'vitest';
import { readPluginCall } from '../../../src/cli/plugin/read-plugin-call.ts';

const BY_DOCKER = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };

describe('a call by docker', () => {
  it.each([
    [['slipway', 'build', '-t', 'app', '.'], ['build', '-t', 'app', '.'], {}],
    [['slipway'], [], {}],
    [['--context', 'far', 'slipway', 'build', '.'], ['build', '.'], { DOCKER_CONTEXT: 'far' }],
    [['-c=far', 'slipway', 'save'], ['save'], { DOCKER_CONTEXT: 'far' }],
    [['-H', 'tcp://far:1', '--config', '/c', 'slipway'], [], { DOCKER_HOST: 'tcp://far:1', DOCKER_CONFIG: '/c' }],
    [['-D', 'slipway', 'save'], ['save'], { SLIPWAY_DEBUG: '1' }],
    [['--log-level', 'debug', 'slipway'], [], { SLIPWAY_DEBUG: '1' }],
    [['-l', 'slipway', 'slipway', 'save'], ['save'], {}],
    [['--tlsverify', 'slipway', 'save'], ['save'], { DOCKER_TLS_VERIFY: '1' }],
    [['--tls=false', 'slipway', 'save'], ['save'], {}],
    [['help', 'slipway', 'cache'], ['help', 'cache'], {}],
    [['__complete', 'slipway', 'build', '--st'], ['__complete', 'build', '--st'], {}],
  ])('%j', (words, wanted, env) => {
    expect(readPluginCall(words, BY_DOCKER)).toEqual({ words: wanted, env });
  });

  it('is none without docker, nor below a plugin where slipway is called by its own name', () => {
    expect(readPluginCall(['slipway', 'build'], {})).toBeUndefined();
    expect(readPluginCall(['build', '.'], BY_DOCKER)).toBeUndefined();
    expect(readPluginCall([], BY_DOCKER)).toBeUndefined();
    expect(readPluginCall(['help', 'build'], BY_DOCKER)).toBeUndefined();
  });

  it.each(['--tlscacert', '--tlscert', '--tlskey'])('%s has no variable, and that is said', (flag) => {
    expect(() => readPluginCall([flag, 'ca.pem', 'slipway', 'build'], BY_DOCKER)).toThrow(
      `\`docker ${flag}\` can't be handed on`,
    );
  });
});
